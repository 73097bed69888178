import Bytes
import FileTree
import Recipe
import Testing

@testable import RaspberryPiOS

/// What `[services]` says, and where pibake goes on or is more careful than systemctl.
struct ServicesTests {
  private func root(_ build: (inout UnitRoot) throws -> Void = { _ in }) throws -> UnitRoot {
    var root = try UnitRoot()
    for name in ["ssh.service", "avahi-daemon.service", "fstrim.timer"] { try root.vendor(name, UnitRoot.install) }
    try root.vendor("getty@.service", UnitRoot.install)
    try build(&root)
    return root
  }

  @Test(
    arguments: [
      ("shh", "the image has no unit shh.service", "did you mean \"ssh.service\"?"),
      ("avahi-deamon", "the image has no unit avahi-deamon.service", "did you mean \"avahi-daemon.service\"?"),
      ("ssh.socket", "the image has no unit ssh.socket", "did you mean \"ssh.service\"?"),
      ("fstrim", "the image has no unit fstrim.service", "did you mean \"fstrim.timer\"?"),
      ("gety@tty2", "the image has no unit gety@tty2.service", "did you mean \"getty@tty2.service\"?"),
      (
        "getty", "the image has no unit getty.service",
        "getty@.service is a template: name an instance, such as getty@NAME"
      ), ("nonsense.path", "the image has no unit nonsense.path", nil),
      ("a/b", "\"a/b\" is not the name of a unit", UnitRoot.nameHint),
      ("ssh*", "\"ssh*\" is not the name of a unit", UnitRoot.nameHint),
      ("", "\"\" is not the name of a unit", UnitRoot.nameHint),
      ("a\u{1B}b", "\"a\\u{1b}b\" is not the name of a unit", UnitRoot.nameHint),
    ] as [(String, String, String?)])
  func `a unit that the image does not have is named with what could be meant`(
    name: String, text: String, hint: String?
  ) throws {
    for wish in [ServiceWish.enable, .disable] {
      var node = try NodeSystem(root: try root().tree)
      let before = shape(node.root)
      let problems = node.wish(wish, name)
      #expect(problems.map(\.said) == ["nog.toml:7:12: \(text)"])
      #expect(problems.map(\.hint) == [hint])
      #expect(problems.map(\.kind) == [.usage])
      #expect(shape(node.root) == before)
    }
  }

  @Test func `every problem is reported, and what can be done is done`() throws {
    func unit(_ name: String, _ line: Int) -> ServiceSettings.Unit {
      ServiceSettings.Unit(name, place: RecipePlace(file: "nog.toml", line: line, column: 1))
    }
    var node = try NodeSystem(root: try root { try $0.own("own.service", UnitRoot.install) }.tree)
    let problems = node.editServices(
      ServiceSettings(
        enable: [unit("shh", 1), unit("ssh", 2), unit("avahi", 3)], disable: [unit("a b", 4), unit("seed", 5)],
        mask: [unit("own", 6), unit("fstrim.timer", 7)]))
    #expect(
      problems.map { "\($0.said.prefix(10))" } == ["nog.toml:6", "nog.toml:4", "nog.toml:1", "nog.toml:3"])
    #expect(node.root.isUnitEnabled("ssh.service"))
    #expect(!node.root.isUnitEnabled("seed.service"))
    #expect(shape(node.root)["/etc/systemd/system/fstrim.timer"] == "-> /dev/null")
    #expect(node.warnings.isEmpty)
  }

  @Test func `the second time changes nothing`() throws {
    let settings = ServiceSettings(
      enable: [.init("ssh"), .init("getty@tty2")], disable: [.init("seed"), .init("avahi-daemon")],
      mask: [.init("fstrim.timer")])
    var node = try NodeSystem(root: try root().tree)
    #expect(node.editServices(settings).isEmpty)
    let once = node.root
    #expect(node.editServices(settings).isEmpty)
    #expect(node.root.changes(since: once).isEmpty)
  }

  @Test func `masks come first and enabled units last`() throws {
    var node = try NodeSystem(
      root: try root { try $0.vendor("a.service", UnitRoot.install + "Also=ssh.service\n") }.tree)
    let settings = ServiceSettings(enable: [.init("ssh")], disable: [.init("a")], mask: [.init("getty@tty1")])
    #expect(node.editServices(settings).isEmpty)
    #expect(node.root.isUnitEnabled("ssh.service"))
  }

  @Test func `a SysV script has no unit that could be enabled, but can be masked`() throws {
    let base = try root { try $0.file("etc/init.d/old", "#!/bin/sh\n") }.tree
    for wish in [ServiceWish.enable, .disable] {
      var node = try NodeSystem(root: base)
      let problems = node.wish(wish, "old")
      #expect(
        problems.map(\.said) == [
          "nog.toml:7:12: old.service has no unit file: it is the SysV script /etc/init.d/old, which cannot be "
            + "\(wish)d in an image"
        ])
      #expect(problems.first?.hint?.contains("[[files]]") == true)
    }
    var node = try NodeSystem(root: base)
    #expect(node.wish(.mask, "old").isEmpty && node.warnings.isEmpty)
    #expect(shape(node.root)["/etc/systemd/system/old.service"] == "-> /dev/null")
  }

  @Test(
    arguments: [
      ("plain", "nog.toml:7:12: plain.service has no [Install] section that asks for a link"),
      ("also", "nog.toml:7:12: gone.service, which Also= names, is not enabled: no file of gone.service is there"),
      ("also", "nog.toml:7:12: masked.service, which Also= names, is not enabled: it is masked by"),
      ("also", "nog.toml:7:12: also.service is enabled in gone.target, which the image does not have"),
      (
        "masked",
        "nog.toml:7:12: masked.service was masked by /etc/systemd/system/masked.service: the mask is taken away"
      ),
    ])
  func `enabling warns`(name: String, text: String) throws {
    let base = try root {
      try $0.vendor("plain.service", "[Unit]\n")
      try $0.vendor("also.service", "[Install]\nWantedBy=gone.target\nAlso=gone.service masked.service\n")
      try $0.vendor("masked.service", UnitRoot.install)
      try $0.link("etc/systemd/system/masked.service", "/dev/null")
    }
    var node = try NodeSystem(root: base.tree)
    #expect(node.wish(.enable, name).isEmpty)
    #expect(node.warnings.contains { $0.description.hasPrefix(text) }, "\(node.warnings)")
  }

  @Test func `a mask for a unit that the image does not have is made and named`() throws {
    var node = try NodeSystem(root: try root().tree)
    #expect(node.wish(.mask, "shh").isEmpty)
    #expect(
      node.warnings.map(\.description) == [
        "nog.toml:7:12: the image has no unit shh.service, which is masked all the same; did you mean \"ssh.service\"?"
      ])
    #expect(node.wish(.mask, "ssh").isEmpty && node.warnings.count == 1)
  }

  @Test func `a masked unit is not enabled`() throws {
    var node = try NodeSystem(root: try root().tree)
    #expect(node.wish(.enable, "ssh").isEmpty)
    #expect(node.root.isUnitEnabled("ssh.service"))
    #expect(node.wish(.mask, "ssh").isEmpty)
    #expect(!node.root.isUnitEnabled("ssh.service"))
    try node.root.enableUnit("ssh.service", time: StockTrees.time)
    #expect(node.root.isUnitEnabled("ssh.service"))
  }

  @Test func `links to a unit that is gone are removed without a word`() throws {
    let base = try root {
      try $0.link("etc/systemd/system/x.target.wants/gone.service", "/lib/systemd/system/gone.service")
      try $0.link("etc/systemd/system/alias.service", "/lib/systemd/system/gone.service")
    }
    var node = try NodeSystem(root: base.tree)
    #expect(node.wish(.disable, "gone").isEmpty && node.warnings.isEmpty)
    #expect(
      shape(node.root).keys.filter { $0.contains("gone") || $0.contains("alias") || $0.contains("x.target") } == [])
  }

  @Test func `a unit outside the folders gets aliases of its link, which are disabled with it`() throws {
    let base = try root {
      try $0.file("opt/d.service", UnitRoot.install + "Alias=e.service\n")
      try $0.link("etc/systemd/system/c.service", "/opt/d.service")
    }
    var node = try NodeSystem(root: base.tree)
    #expect(node.wish(.enable, "c").isEmpty)
    #expect(shape(node.root)["/etc/systemd/system/e.service"] == "-> /etc/systemd/system/c.service")
    #expect(shape(node.root)["/etc/systemd/system/multi-user.target.wants/c.service"] == "-> /opt/d.service")
    #expect(node.wish(.disable, "c").isEmpty)
    #expect(shape(node.root).keys.filter { $0.hasSuffix("c.service") || $0.hasSuffix("e.service") } == [])
  }

  @Test func `drop-ins that are no files do not count`() throws {
    let base = try root {
      try $0.link("etc/systemd/system/ssh.service.d/a.conf", "/dev/null")
      try $0.link("etc/systemd/system/ssh.service.d/b.conf", "/nowhere")
      try $0.folder("etc/systemd/system/ssh.service.d/c.conf")
    }
    var node = try NodeSystem(root: base.tree)
    #expect(node.wish(.enable, "ssh").isEmpty)
    #expect(node.root.isUnitEnabled("ssh.service"))
  }

  @Test func `UpheldBy= makes links, and they go`() throws {
    let base = try root { try $0.vendor("a.service", "[Install]\nUpheldBy=multi-user.target\n") }
    var node = try NodeSystem(root: base.tree)
    #expect(node.wish(.enable, "a").isEmpty && node.root.isUnitEnabled("a.service"))
    #expect(
      shape(node.root)["/etc/systemd/system/multi-user.target.upholds/a.service"]
        == "-> /usr/lib/systemd/system/a.service")
    #expect(node.wish(.disable, "a").isEmpty)
    #expect(shape(node.root) == shape(base.tree))
  }

  @Test(arguments: ["/lib/systemd/system", "/usr/lib/systemd/system"])
  func `links are spelled as others of the image are`(spelling: String) throws {
    var base = try UnitRoot(spelling: spelling)
    try base.vendor("a.service", UnitRoot.install)
    try base.file("usr/local/lib/systemd/system/b.service", UnitRoot.install)
    var node = try NodeSystem(root: base.tree)
    #expect(node.wish(.enable, "a").isEmpty && node.wish(.enable, "b").isEmpty)
    let wants = "/etc/systemd/system/multi-user.target.wants"
    #expect(shape(node.root)["\(wants)/a.service"] == "-> \(spelling)/a.service")
    #expect(shape(node.root)["\(wants)/b.service"] == "-> /usr/local/lib/systemd/system/b.service")
  }

  /// Units that are made to cost time or memory.
  enum Bomb: CaseIterable {
    case largerThan16MiB, manyNames, manyAssignments, endlessAlso, longName

    var text: String {
      switch self {
      case .largerThan16MiB: UnitRoot.install + String(repeating: "#\n", count: 9 << 20)
      case .manyNames: "[Install]\nWantedBy=" + (0..<10_001).map { "t\($0).target" }.joined(separator: " ") + "\n"
      case .manyAssignments: "[Install]\n" + String(repeating: "WantedBy=a.target\n", count: 500_000)
      case .endlessAlso: UnitRoot.install + "Also=h@%ia.service h@%ib.service\n"
      case .longName: "[Install]\nWantedBy=" + String(repeating: "x", count: 1_000_000) + ".target\n"
      }
    }
  }

  @Test(.timeLimit(.minutes(1)), arguments: Bomb.allCases)
  func `a unit made to cost time is refused`(_ bomb: Bomb) throws {
    let base = try root { try $0.vendor("h@.service", bomb.text) }
    var node = try NodeSystem(root: base.tree)
    #expect(node.wish(.enable, "h@x").count == 1)
    #expect(shape(node.root).count < shape(base.tree).count + 5000)
    _ = node.wish(.disable, "h@x")
  }

  @Test(.timeLimit(.minutes(1)), arguments: [true, false])
  func `units that belong together have limits together`(areLarge: Bool) throws {
    let base = try root {
      for number in 0..<30 {
        let names = (0..<900).map { "t\(number)x\($0).target" }.joined(separator: " ")
        let text = areLarge ? String(repeating: "#\n", count: 1 << 20) : "[Install]\nWantedBy=\(names)\n"
        try $0.vendor("u\(number).service", text + "[Install]\nAlso=u\(number + 1).service\n")
      }
    }
    var node = try NodeSystem(root: base.tree)
    let problems = node.wish(.enable, "u0")
    #expect(problems.map(\.said).map { $0.contains("units that belong together") } == [true])
    #expect(node.wish(.disable, "u0").isEmpty)
  }
}

extension UnitRoot {
  fileprivate static let nameHint =
    "a name such as ssh, ssh.socket or getty@tty2, of letters, digits and :-_.\\ without slashes"
}
