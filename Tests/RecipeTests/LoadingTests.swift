import SystemPackage
import Testing

@testable import Recipe

@Suite struct `Recipes together` {
  @Test func `show what an operator reads`() throws {
    let folder = try RecipeFolder([
      "cluster.toml": "[user]\nname = \"ben\"\npassword = \"x\"",
      "nog.toml": """
      extends = "cluster.toml"
      [node]
      name = "nog"
      mac = "dc:a6:32:01:02"
      [system]
      hostnme = "nog"
      [root]
      on = "usbb"
      """,
    ])
    let result = folder.load("nog.toml")
    #expect(
      folder.problems(result) == [
        "nog.toml:4:7: error: mac \"dc:a6:32:01:02\": expected six two-digit hex groups",
        "nog.toml:6:1: error: unknown key 'hostnme' in [system]; did you mean 'hostname'?",
        "nog.toml:8:6: error: [root] on = \"usbb\": expected \"disk\", \"usb\" or \"nfs\"",
        "cluster.toml:3:1: warning: [user] password is in clear text; prefer password_hash or password_file",
      ])
  }

  @Test func `share no name, hardware address or serial number`() throws {
    let folder = try RecipeFolder([
      "nog.toml": "[node]\nname = \"nog\"\nmac = \"dc:a6:32:01:02:03\"\nserial = \"9FFEFDEF\"",
      "ordo.toml": "[node]\nname = \"ordo\"\nmac = \"DC-A6-32-01-02-03\"\nserial = \"100000009ffefdef\"",
      "nag.toml": "[node]\nname = \"NOG\"",
      "server.toml": "node.name = \"server\"",
    ])
    let result = folder.load("nog.toml", "ordo.toml", "nag.toml", "nog.toml", "server.toml")
    #expect(
      folder.problems(result) == [
        "ordo.toml:3:7: error: mac dc:a6:32:01:02:03 is also nog's (nog.toml:3:7)",
        "ordo.toml:4:10: error: serial 9ffefdef is also nog's (nog.toml:4:10)",
        "nag.toml:2:8: error: name \"NOG\" is also another node's (nog.toml:2:8)",
        "server.toml:1:13: error: name \"server\" is taken: the server's files go to a folder of that name",
      ])
  }

  @Test func `share no host name and no disk id`() throws {
    let folder = try RecipeFolder([
      "shared.toml": "[system]\nhostname = \"cluster\"\n[root]\ndisk_id = \"c1f95d14\"\n[[nodes]]\nname = \"nog\"\n"
        + "[[nodes]]\nname = \"ordo\"\n[[nodes]]\nname = \"werda\"",
      "a.toml": "[node]\nname = \"a\"\n[system]\nhostname = \"jake\"\n[root]\ndisk_id = \"0xAAAAAAAA\"",
      "jake.toml":
        "[node]\nname = \"Jake\"\n[boot]\nfrom = \"card\"\ndisk_id = \"aaaaaaaa\"\n[root]\non = \"usb\"",
      "ordo.toml": "boot.from = \"card\"\nroot = { on = \"nfs\", disk_id = \"aaaaaaaa\" }\n[node]\nname = \"kira\"\n"
        + "[server]\naddress = \"192.168.7.1\"",
    ])
    #expect(
      folder.problems(folder.load("shared.toml")) == [
        "shared.toml:2:12: error: hostname \"cluster\" is nog's and ordo's: give each node its own",
        "shared.toml:4:11: error: disk_id c1f95d14 is nog's and ordo's: give each node its own",
      ])
    #expect(
      folder.problems(folder.load("a.toml", "jake.toml", "ordo.toml")).filter { $0.contains("error") } == [
        "jake.toml:2:8: error: hostname \"Jake\" is also a's (a.toml:4:12)",
        "jake.toml:5:11: error: disk_id aaaaaaaa is also a's (a.toml:6:11)",
      ])
  }

  @Test func `lay the later over the earlier, tables deeply`() throws {
    let folder = try RecipeFolder([
      "a.toml": "[boot]\nconfig_txt = [\"a\"]\ncmdline.add = [\"a\"]\n[locale]\nkeymap = \"de\"\nlang = \"C\"",
      "b.toml": "[boot]\nconfig_txt = [\"b\"]\ncmdline.remove = [\"b\"]",
      "c.toml": "extends = [\"a.toml\", \"b.toml\"]\n[node]\nname = \"nog\"\n[locale]\nlang = \"de_AT.UTF-8\"",
    ])
    let node = try #require(folder.load("c.toml").nodes.first)
    #expect(node.boot.configText == ["b"])
    #expect(node.boot.cmdlineAdd == ["a"])
    #expect(node.boot.cmdlineRemove == ["b"])
    #expect(node.locale.keymap?.value == "de")
    #expect(node.locale.lang?.value == "de_AT.UTF-8")
  }

  @Test func `append files, each once`() throws {
    let folder = try RecipeFolder([
      "base.toml": "[[files]]\npath = \"/a\"\nremove = true",
      "a.toml": "extends = \"base.toml\"",
      "b.toml": "extends = \"base.toml\"\n[[files]]\npath = \"/b\"\ndirectory = true",
      "c.toml": "extends = [\"a.toml\", \"b.toml\"]\nnode.name = \"nog\"\n[[files]]\npath = \"/c\"\nsymlink = \"b\"",
    ])
    #expect(folder.load("c.toml").nodes.first?.files.map(\.path) == ["/a", "/b", "/c"])
  }

  @Test func `displace what says the same in another way`() throws {
    let digest = String(repeating: "ab", count: 32)
    let folder = try RecipeFolder([
      "a.toml": """
      [image]
      url = "https://example.org/a.img.xz"
      sha256 = "\(digest)"
      [user]
      name = "ben"
      password = "clear"
      """,
      "b.toml": """
      extends = "a.toml"
      node.name = "nog"
      image.path = "a.img"
      user.password_hash = "$y$j9T$pibakedemo0123456789..$jnACZt/W063jf3/DcgLO9rksn1c.7oR/NH5lvDslE/6"
      """,
      "c.toml": "extends = \"b.toml\"\n[[users]]\nname = \"anna\"\n[[users]]\nname = \"bea\"",
    ])
    let nog = try #require(folder.load("b.toml").nodes.first)
    #expect(nog.image.location == .path(folder.path.appending("a.img")))
    #expect(nog.image.sha256 == nil)
    guard case .hash? = nog.users.first?.password else {
      Issue.record("the clear password is still there")
      return
    }
    #expect(folder.load("c.toml").nodes.first?.users.map(\.name) == ["anna", "bea"])
  }

  @Test func `name paths relative to the file that says them`() throws {
    let shared = try RecipeFolder(["base.toml": "image.path = \"a.img\"", "motd": "hello"])
    try shared.write("files.toml", Array("[[files]]\npath = \"/etc/motd\"\nsource = \"motd\"".utf8))
    let folder = try RecipeFolder([
      "nog.toml": """
      extends = ["\(shared.path)/base.toml", "\(shared.path)/files.toml"]
      node.name = "nog"
      output.folder = "out"
      """
    ])
    let result = folder.load("nog.toml")
    #expect(folder.problems(result) == [])
    #expect(result.nodes.first?.image.location == .path(shared.path.appending("a.img")))
    #expect(result.nodes.first?.output.folder == folder.path.appending("out"))
    guard case .source(shared.path.appending("motd"))? = result.nodes.first?.files.first?.action else {
      Issue.record("the source is elsewhere")
      return
    }
  }

  @Test func `cannot extend each other in a circle`() throws {
    let folder = try RecipeFolder([
      "a.toml": "extends = \"b.toml\"\nnode.name = \"nog\"", "b.toml": "extends = [\"./a.toml\"]",
    ])
    #expect(
      folder.problems(folder.load("a.toml")) == [
        "b.toml:1:12: error: extends: the recipes extend each other in a circle: a.toml → b.toml → a.toml"
      ])
  }

  @Test func `say nothing of what is missing only with a file`() throws {
    let folder = try RecipeFolder([
      "a.toml": "extends = \"b.toml\"\nnode.name = \"nog\"\nboot.from = \"card\"\nroot.on = \"nfs\"",
      "b.toml": "[server",
    ])
    #expect(folder.problems(folder.load("a.toml")) == ["b.toml:1:8: error: expected ']' after the table's name"])
  }

  @Test func `are missed when they are not there`() throws {
    let folder = try RecipeFolder()
    #expect(folder.problems(folder.load("nog.toml")) == ["error: cannot read nog.toml: No such file or directory"])
    #expect(RecipeLoader.load(paths: []).problems.map(\.description) == ["error: no recipe is given"])
  }
}

@Suite struct `A fleet in one file` {
  @Test func `overrides any table for a node`() throws {
    let folder = try RecipeFolder([
      "fleet.toml": """
      fleet_seed = "a long text that nobody guesses"
      node.model = "pi4"
      server.address = "192.168.7.1"
      boot.from = "tftp"
      root.on = "nfs"
      [[files]]
      path = "/a"
      remove = true
      [[nodes]]
      name = "nog"
      mac = "dc:a6:32:01:02:03"
      [[nodes]]
      name = "ordo"
      model = "pi5"
      serial = "9ffefdef"
      system.hostname = "mandalorian"
      root.nfs_version = "4.1"
      [nodes.ssh]
      host_keys = "derived"
      [[nodes.files]]
      path = "/b"
      content = "{{node.name}} {{ system.hostname }} {{node.serial}}"
      template = true
      """
    ])
    let result = folder.load("fleet.toml")
    #expect(folder.problems(result).count == 1 && folder.problems(result)[0].contains("who guesses this text"))
    #expect(result.nodes.map(\.name.description) == ["nog", "ordo"])
    #expect(result.nodes.map(\.model) == ["pi4", "pi5"])
    #expect(result.nodes.map(\.root.on) == [.nfs, .nfs])
    #expect(result.nodes.map(\.root.nfsVersion) == [.v3, .v4_1])
    #expect(result.nodes.map(\.system.hostname.description) == ["nog", "mandalorian"])
    #expect(result.nodes.map(\.ssh.hostKeys) == [.firstBoot, .derived])
    #expect(result.nodes.map { $0.files.map(\.path) } == [["/a"], ["/a", "/b"]])
    guard case .content("ordo mandalorian 9ffefdef")? = result.nodes.last?.files.last?.action else {
      Issue.record("the template is not filled")
      return
    }
  }

  @Test func `does not share a machine id`() throws {
    let folder = try RecipeFolder([
      "fleet.toml": """
      system.machine_id = "00112233445566778899aabbccddeeff"
      [[nodes]]
      name = "nog"
      [[nodes]]
      name = "ordo"
      """
    ])
    #expect(
      folder.problems(folder.load("fleet.toml")) == [
        "fleet.toml:1:21: error: machine_id 00112233445566778899aabbccddeeff is also nog's (fleet.toml:1:21)"
      ])
  }

  @Test func `reports a problem of what it shares once`() throws {
    let folder = try RecipeFolder([
      "fleet.toml": """
      locale.lang = "german"
      [[nodes]]
      name = "nog"
      packages.install = ["x"]
      hostname = "nog"
      [[nodes]]
      mac = "dc:a6:32:01:02:03"
      """
    ])
    #expect(
      folder.problems(folder.load("fleet.toml")) == [
        "fleet.toml:1:15: error: [locale] lang = \"german\": expected a locale such as \"de_AT.UTF-8\"",
        "fleet.toml:4:1: error: [packages] is not supported yet",
        "fleet.toml:5:1: error: unknown key 'hostname' in [[nodes]]; 'hostname' is a key of [system]",
        "fleet.toml:6:1: error: the node has no name",
      ])
  }

  @Test(.timeLimit(.minutes(1))) func `may be of a thousand nodes`() throws {
    let nodes = (0..<1_000).map { "[[nodes]]\nname = \"node-\($0)\"\n" }
    let folder = try RecipeFolder(["fleet.toml": "[user]\nname = \"ben\"\n" + nodes.joined()])
    #expect(folder.load("fleet.toml").nodes.count == 1_000)
  }
}
