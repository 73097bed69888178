import Bytes
import FileTree
import TestSupport
import Testing

@testable import RaspberryPiOS
import Recipe

struct AccountTests {
  private func passwordField(of name: String, in trees: StockTrees) throws -> String {
    let shadow = AccountFile(try #require(try trees.root.text(at: "etc/shadow")), fieldCount: 9)
    return try #require(shadow[name])[1]
  }

  @Test func `a second user gets the next number, a group, the first's groups, a home and ranges`() throws {
    let stock = try StockTrees(.bookworm)
    let node = try stock.applying(
      recipe {
        $0.users = [
          user("pi"),
          user("jake") {
            $0.password = nil
            $0.authorizedKeys = ["ssh-ed25519 BBBB jake"]
          },
        ]
      }
    ).trees
    #expect(try node.root.string("etc/passwd") == Stock.passwd + "jake:x:1001:1001::/home/jake:/bin/bash\n")
    #expect(
      try node.root.string("etc/shadow")
        == Stock.shadow.replacing("pi:!:", with: "pi:$y$j9T$salt$hash:") + "jake:*:20221:0:99999:7:::\n")
    #expect(
      try node.root.string("etc/group") == Stock.group.replacing(":pi\n", with: ":pi,jake\n") + "jake:x:1001:\n")
    #expect(
      try node.root.string("etc/gshadow") == Stock.gshadow.replacing(":pi\n", with: ":pi,jake\n") + "jake:!::\n")
    #expect(try node.root.string("etc/subuid") == "pi:100000:65536\njake:165536:65536\n")
    #expect(try node.root.string("etc/subgid") == "pi:100000:65536\njake:165536:65536\n")
    let changed = try changes(from: stock.root, to: node.root).filter { $0.key.hasPrefix("/home") }
    #expect(
      changed == [
        "/home/jake": "folder 700 1001:1001", "/home/jake/.ssh": "folder 700 1001:1001",
        "/home/jake/.ssh/authorized_keys": "file 600 1001:1001\nssh-ed25519 BBBB jake\n",
        "/home/jake/.bashrc": "file 644 1001:1001\n# .bashrc\n",
        "/home/jake/.profile": "file 644 1001:1001\n# .profile\n",
      ])
  }

  @Test func `a second user's groups are the image's, whatever the recipe gives the first`() throws {
    let node = try StockTrees(.bookworm).applying(
      recipe { $0.users = [user("ben") { $0.groupsOnly = ["video"] }, user("jake")] }
    ).trees
    let accounts = try AccountDatabase(node.root)
    #expect(accounts.groups(of: "ben") == ["video"])
    #expect(accounts.groups(of: "jake") == ["adm", "sudo", "video", "games", "users", "gpio"])
  }

  @Test func `an explicit number moves the home's owner along`() throws {
    let node = try StockTrees(.bookworm).applying(recipe { $0.users = [user("ben") { $0.uid = Located(1234) }] }).trees
    #expect(try node.root.string("etc/passwd")?.contains("ben:x:1234:1000:,,,:/home/ben:/bin/bash\n") == true)
    #expect(node.root.inode(at: "home/ben/.bashrc")?.uid == 1234)
    #expect(node.root.inode(at: "home/ben/.bashrc")?.gid == 1000)
  }

  @Test func `an image without a first user gets one`() throws {
    var stock = try StockTrees(.bookworm)
    try stock.put("etc/passwd", "root:x:0:0:root:/root:/bin/bash\n")
    try stock.put("etc/shadow", "root:*:20221:0:99999:7:::\n", mode: 0o640, gid: 42)
    try stock.put("etc/group", "root:x:0:\nsudo:x:27:\nvideo:x:44:\n")
    let node = try stock.applying(recipe { $0.users = [user("ben")] }).trees
    #expect(
      try node.root.string("etc/passwd") == "root:x:0:0:root:/root:/bin/bash\nben:x:1000:1000::/home/ben:/bin/bash\n")
    #expect(try node.root.string("etc/group") == "root:x:0:\nsudo:x:27:ben\nvideo:x:44:ben\nben:x:1000:\n")
    // No day is known from the image: that of the node's time.
    #expect(try node.root.string("etc/shadow")?.hasSuffix("ben:$y$j9T$salt$hash:20370:0:99999:7:::\n") == true)
  }

  @Test(arguments: [true, false, nil])
  func `sudo without a password, as asked or as the image has it`(asked: Bool?) throws {
    for dialect in StockTrees.Dialect.allCases {
      let node = try StockTrees(dialect).applying(
        recipe { $0.users = [user("ben") { $0.passwordlessSudo = asked }] }
      ).trees
      #expect(!node.root.has("etc/sudoers.d/010_pi-nopasswd"))
      let isThere = asked ?? (dialect == .bookworm)
      #expect(
        try listing(node.root)["/etc/sudoers.d/010_ben-nopasswd"]
          == (isThere ? "file 440 0:0\nben ALL=(ALL) NOPASSWD: ALL\n" : nil))
    }
  }

  @Test func `the wizard of an image with a desktop goes`() throws {
    var stock = try StockTrees(.bookworm)
    try stock.put(
      "etc/passwd", Stock.passwd + "rpi-first-boot-wizard:x:1001:1001:,,,,:/home/rpi-first-boot-wizard:/bin/bash\n")
    try stock.put(
      "etc/group",
      Stock.group.replacing("video:x:44:pi", with: "video:x:44:pi,rpi-first-boot-wizard")
        + "rpi-first-boot-wizard:x:1001:\n")
    try stock.put("etc/lightdm/lightdm.conf", "[Seat:*]\nautologin-user=rpi-first-boot-wizard\n")
    try stock.put("var/lib/userconf-pi/autologin", "")
    try stock.put("etc/xdg/autostart/piwiz.desktop", "[Desktop Entry]\n")
    try stock.folder("home/rpi-first-boot-wizard", uid: 1001, gid: 1001)
    let node = try stock.applying(recipe { $0.users = [user("ben")] }).trees
    let all = try listing(node.root)
    #expect(all.filter { $0.key.contains("wiz") || $0.value.contains("wizard") }.isEmpty)
    #expect(all["/etc/lightdm/lightdm.conf"]?.hasSuffix("autologin-user=ben\n") == true)
  }

  @Test(arguments: [
    ("games", "games\" is a group of the image"), ("sshd", "sshd\" is an account of the system"),
  ])
  func `names that the image has are refused`(name: String, message: String) throws {
    let error = #expect(throws: RaspberryPiOSError.self) {
      try StockTrees(.bookworm).applying(recipe { $0.users = [user(name)] })
    }
    #expect(error?.kind == .usage)
    #expect(error?.said.contains(message) == true)
  }

  @Test func `a group that the image has not is refused with the nearest`() throws {
    let error = #expect(throws: RaspberryPiOSError.self) {
      try StockTrees(.bookworm).applying(recipe { $0.users = [user("ben") { $0.groups = ["vidoe"] }] })
    }
    #expect(error?.hint == "did you mean \"video\"?")
  }

  @Test func `a shell that the image has not is refused`() throws {
    let error = #expect(throws: RaspberryPiOSError.self) {
      try StockTrees(.bookworm).applying(recipe { $0.users = [user("ben") { $0.shell = "/bin/zsh" }] })
    }
    #expect(error?.said == "nog.toml:5:1: [user] ben: the image has no shell /bin/zsh")
  }

  @Test func `keys without a user in the recipe are the image's user's`() throws {
    let node = try StockTrees(.bookworm).applying(recipe { $0.ssh.authorizedKeys = ["ssh-ed25519 AAAA x"] }).trees
    #expect(try listing(node.root)["/home/pi/.ssh/authorized_keys"] == "file 600 1000:1000\nssh-ed25519 AAAA x\n")
    #expect(node.root.isUnitEnabled("userconfig.service"))
  }

  @Test func `a shell that lets nobody in becomes useradd's, for the renamed, the image's and new users`() throws {
    var stock = try StockTrees(.trixie)
    try stock.put(
      "etc/passwd", Stock.passwd(shell: "/usr/sbin/nologin") + "kira:x:1001:1001::/home/kira:/bin/false\n")
    try stock.put("etc/group", Stock.group + "kira:x:1001:\n")
    let shells = try stock.applying(recipe { $0.users = [user("ben"), user("kira"), user("jake")] }).trees
    let accounts = try AccountDatabase(shells.root)
    #expect(["ben", "kira", "jake"].map { accounts.user($0)?.shell } == ["/bin/bash", "/bin/bash", "/bin/bash"])
    #expect(accounts.user("sshd")?.shell == "/usr/sbin/nologin")
  }

  @Test(
    arguments: [
      (nil, "/bin/bash"), ("SHELL=/bin/dash\n", "/bin/dash"), ("SHELL=/bin/zsh\n", "/bin/bash"),
      ("# SHELL=/bin/dash\n", "/bin/bash"),
    ] as [(String?, String)])
  func `the default shell is one that the image has`(settings: String?, shell: String) throws {
    var stock = try StockTrees(.trixie)
    try stock.put("etc/passwd", Stock.passwd(shell: "/usr/sbin/nologin"))
    try stock.put("usr/bin/dash", "\u{7f}ELF", mode: 0o755)
    try stock.root.removeIfPresent("etc/default/useradd")
    if let settings { try stock.put("etc/default/useradd", settings) }
    let node = try stock.applying(recipe { $0.users = [user("ben")] }).trees
    #expect(try AccountDatabase(node.root).user("ben")?.shell == shell)
  }

  @Test func `groups adds to those of the image's user, groups_only sets them`() throws {
    let stock = try StockTrees(.bookworm)
    let added = try stock.applying(recipe { $0.users = [user("ben") { $0.groups = ["nogroup", "sudo"] }] }).trees
    #expect(
      try AccountDatabase(added.root).groups(of: "ben").sorted()
        == ["adm", "games", "gpio", "nogroup", "sudo", "users", "video"])
    let only = try stock.applying(
      recipe { $0.users = [user("ben") { $0.groupsOnly = ["sudo"] }, user("jake") { $0.groups = ["nogroup"] }] }
    ).trees
    let accounts = try AccountDatabase(only.root)
    #expect(accounts.groups(of: "ben") == ["sudo"])
    #expect(accounts.groups(of: "jake").sorted() == ["adm", "games", "gpio", "nogroup", "sudo", "users", "video"])
  }

  @Test(arguments: ["/../x", "/", "home/pi", ""])
  func `a home that is no folder below the root is unsupported`(home: String) throws {
    var stock = try StockTrees(.bookworm)
    try stock.put("etc/passwd", Stock.passwd.replacing(":/home/pi:", with: ":\(home):"))
    let error = #expect(throws: RaspberryPiOSError.self) {
      try stock.applying(recipe { $0.users = [user("ben") { $0.uid = Located(1234) }] })
    }
    #expect(error?.kind == .unsupported)
    #expect(error?.said == "/etc/passwd gives pi the home \"\(home)\", no folder below /")
  }

  @Test func `an account that has expired, and a home that is missing, are mended`() throws {
    var stock = try StockTrees(.bookworm)
    try stock.put("etc/shadow", Stock.shadow.replacing("pi:!:20221:0:99999:7:::", with: "pi:!:20221:0:99999:7::1:"))
    try stock.root.removeIfPresent("home/pi")
    let node = try stock.applying(recipe { $0.users = [user("ben")] }).trees
    #expect(try node.root.string("etc/shadow")?.contains("ben:$y$j9T$salt$hash:20221:0:99999:7:::\n") == true)
    #expect(try listing(node.root)["/home/ben"] == "folder 700 1000:1000")
    #expect(try listing(node.root)["/home/ben/.bashrc"] == "file 644 1000:1000\n# .bashrc\n")
  }

  @Test(.enabled(if: Tool.arePresent("perl"), "perl is not installed"))
  func `a clear password is what the system's own crypt takes for it`() async throws {
    let stock = try StockTrees(.bookworm)
    let wishes = try recipe { $0.users = [user("ben") { $0.password = .clear(Secret("earl grey ☕")) }] }
    let hash = try passwordField(of: "ben", in: try stock.applying(wishes).trees)
    #expect(hash.hasPrefix("$y$j9T$"))
    #expect(try passwordField(of: "ben", in: try stock.applying(wishes).trees) == hash)
    let perl = try await Tool.run("perl", ["-e", "print crypt($ARGV[0], $ARGV[1])", "earl grey ☕", hash])
    #expect(perl.output == hash)
    let wrong = try await Tool.run("perl", ["-e", "print crypt($ARGV[0], $ARGV[1])", "earl grey", hash])
    #expect(wrong.output != hash)
  }

  @Test(.enabled(if: Tool.arePresent("openssl"), "openssl is not installed"))
  func `releases before bookworm get sha512`() async throws {
    var stock = try StockTrees(.bookworm)
    try stock.put("usr/lib/os-release", "ID=debian\nVERSION_ID=\"11\"\n")
    let wishes = try recipe { $0.users = [user("ben") { $0.password = .clear(Secret("secret")) }] }
    let hash = try passwordField(of: "ben", in: try stock.applying(wishes).trees)
    let salt = try #require(hash.split(separator: "$").dropFirst().first)
    #expect(hash.hasPrefix("$6$"))
    let openssl = try await Tool.run("openssl", ["passwd", "-6", "-salt", String(salt), "secret"])
    #expect(openssl.output == hash + "\n")
  }

  @Test func `salts differ from user to user and node to node`() throws {
    let stock = try StockTrees(.bookworm)
    var fields: Set<String> = []
    for (node, seed) in [("nog", "starfleet"), ("jake", "starfleet"), ("nog", "cardassia")] {
      let wishes = try recipe {
        $0.name = HostName(node) ?? $0.name
        $0.fleetSeed = try? FleetSeed(seed)
        $0.users = ["ben", "kira"].map { user($0) { $0.password = .clear(Secret("same")) } }
      }
      let trees = try stock.applying(wishes).trees
      for name in ["ben", "kira"] { fields.insert(try passwordField(of: name, in: trees)) }
    }
    #expect(fields.count == 6)
  }

  @Test func `a hash that would break shadow is refused without being shown`() throws {
    let error = #expect(throws: RaspberryPiOSError.self) {
      try StockTrees(.bookworm).applying(
        recipe { $0.users = [user("ben") { $0.password = .hash(Secret("$y$hush:0:0")) }] })
    }
    #expect(error?.kind == .usage)
    #expect(error.map { !"\($0) \($0.hint ?? "")".contains("hush") } == true)
  }
}
