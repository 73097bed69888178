import SystemPackage
import Testing

@testable import Recipe

/// What is laid over what: files, tags, nodes, and the command line.
@Suite struct `Layers` {
  @Test func `go from files to tags to nodes to the command line`() throws {
    let folder = try RecipeFolder([
      "base.toml": "root.size = \"1GiB\"\nlocale.keymap = \"de\"\nlocale.lang = \"C.UTF-8\"\nuser = { name = \"ben\" }",
      "fleet.toml": """
      extends = "base.toml"
      [tags.large]
      root.size = "8GiB"
      locale.lang = "de_AT.UTF-8"
      user.groups = ["video"]
      [tags.us]
      locale.keymap = "us"
      [[nodes]]
      name = "nog"
      [[nodes]]
      name = "ordo"
      tags = ["us", "large"]
      locale.lang = "C"
      """,
    ])
    let result = folder.load("fleet.toml")
    #expect(result.nodes.map(\.root.size) == [.bytes(1 << 30), .bytes(8 << 30)], "\(result.problems)")
    #expect(result.nodes.map(\.locale.keymap?.value) == ["de", "us"])
    #expect(result.nodes.map(\.locale.lang?.value) == ["C.UTF-8", "C"])
    let set = RecipeLoader.load(
      paths: [folder.path.appending("fleet.toml")],
      assignments: ["root.size=2GiB", "user.groups.add=[\"audio\"]", "locale.lang = 'de_AT.UTF-8'"])
    #expect(set.nodes.map(\.root.size) == [.bytes(2 << 30), .bytes(2 << 30)])
    #expect(set.nodes.map { $0.users.first?.groups.map(\.value) } == [["audio"], ["video", "audio"]])
    #expect(set.nodes.map(\.locale.lang?.value) == ["de_AT.UTF-8", "de_AT.UTF-8"])
  }

  @Test func `report what the command line says wrong`() throws {
    let folder = try RecipeFolder(["a.toml": "node.name = \"nog\""])
    let result = RecipeLoader.load(
      paths: [folder.path.appending("a.toml")], assignments: ["root.sze=1GiB", "nonsense", "root.size=7"])
    #expect(
      result.problems.map(\.description).sorted()
        == [
          "--set:1:6: error: unknown key 'sze' in [root]; did you mean 'size'?",
          "--set:1:13: error: [root] size: expected a string, found an integer",
          "error: --set nonsense: expected key=value, as in root.size=8GiB",
        ].sorted())
  }

  @Test(arguments: [
    ("user.password=hush", "--set password: every process of this machine can read a command line: say it in a file"),
    ("wlan.password=hushhush", "--set password: every process of this machine can read a command line"),
    ("fleet_seed=hushhush", "--set fleet_seed: every process of this machine can read a command line"),
    ("extends=x.toml", "--set extends: it is a recipe's, and --set is for what each node is"),
    ("tags.a.root.size=1GiB", "--set tags: it is a recipe's"),
  ])
  func `refuse on the command line what belongs in files`(_ assignment: String, _ expected: String) throws {
    let folder = try RecipeFolder(["a.toml": "node.name = \"nog\""])
    let result = RecipeLoader.load(paths: [folder.path.appending("a.toml")], assignments: [assignment])
    #expect(result.problems.contains { $0.description.contains(expected) }, "\(result.problems)")
    #expect(!result.problems.contains { $0.description.contains("hush") } && result.nodes.isEmpty)
  }

  @Test func `add to lists where they say so`() throws {
    let folder = try RecipeFolder([
      "a.toml": "boot.config_txt = [\"a\"]\nuser = { name = \"ben\", groups = [\"sudo\"] }",
      "b.toml": "extends = \"a.toml\"\nboot.config_txt.add = [\"b\"]\nuser.groups.add = [\"video\"]",
      "c.toml":
        "extends = \"b.toml\"\nnode.name = \"nog\"\nboot.config_txt = { add = [\"c\"] }\nuser.groups = [\"adm\"]",
      "d.toml": "boot.config_txt.add = [\"d\"]\nnode.name = \"d\"",
      "e.toml": "boot.config_txt = { add = [\"d\"], remove = [\"a\"] }\nnode.name = \"e\"",
    ])
    let nog = try #require(folder.load("c.toml").nodes.first)
    #expect(nog.boot.configText == ["a", "b", "c"] && nog.users[0].groups.map(\.value) == ["adm"])
    #expect(folder.load("d.toml").nodes.first?.boot.configText == ["d"])
    #expect(folder.load("e.toml").problems.map(\.description).contains { $0.contains("expected an array") })
  }

  @Test func `warn of a tag that is nearly another`() throws {
    let folder = try RecipeFolder(["a.toml": "node = { name = \"nog\", tags = [\"rak1\", \"lab\"] }\n[tags.rack1]\n"])
    #expect(
      folder.problems(folder.load("a.toml")) == [
        "a.toml:1:32: warning: tags \"rak1\": there is no [tags.rak1]; did you mean 'rack1'?"
      ])
  }
}
