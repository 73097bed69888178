import FileTree
import HostFiles
import TestSupport
import Testing

import struct SystemPackage.FilePath

@testable import RaspberryPiOS

/// `[services]` against `systemctl --root`: the same steps on the same root leave the same paths and links.
@Suite(.enabled(if: Systemctl.isPresent, "systemctl is not installed"))
struct ServicesPeerTests {
  @Test(arguments: UnitCase.names + UnitCase.sections + UnitCase.folders + UnitCase.masks + UnitCase.hostile)
  func `systemctl leaves the same links`(_ unitCase: UnitCase) async throws {
    var root = try UnitRoot(spelling: try await Systemctl().spelling)
    try unitCase.build(&root)
    try await compare(root.tree, unitCase.wishes)
  }

  @Test func `a stock system`() async throws {
    let spelling = try await Systemctl().spelling
    let stock = try StockTrees(spelling == "/lib/systemd/system" ? .bookworm : .trixie)
    try await compare(
      stock.root,
      [
        (.enable, "ssh"), (.disable, "userconfig"), (.enable, "getty@tty2"), (.mask, "ssh"), (.enable, "getty@"),
        (.disable, "getty@"), (.mask, "getty@tty1"), (.enable, "userconfig"), (.disable, "sshd"),
      ])
  }

  @Test(arguments: [("a", "a.service"), ("g@x", "g@x.service"), ("g@y", "g@.service"), ("g@", "g@d.service")])
  func `enabling takes a mask away, as unmask does`(name: String, masked: String) async throws {
    var root = try UnitRoot(spelling: try await Systemctl().spelling)
    try root.vendor("a.service", UnitRoot.install)
    try root.vendor("g@.service", UnitRoot.install + "DefaultInstance=d\n")
    try root.link("etc/systemd/system/\(masked)", "/dev/null")
    let folder = try OutsideRoot(root.tree)
    var node = try NodeSystem(root: root.tree)
    #expect(node.wish(.enable, name).isEmpty)
    #expect(node.warnings.map(\.description).contains { $0.hasPrefix("nog.toml:7:12: ") && $0.contains("mask") })
    for (verb, name) in [("unmask", masked), ("enable", name)] {
      let theirs = try await Systemctl.run(folder.path, verb, name)
      try #require(theirs.status == 0, "\(theirs.output)")
    }
    #expect(difference(shape(node.root), shape(try FolderReader(folder.path).tree())) == [])
  }

  @Test func `UpheldBy=`() async throws {
    let peer = try await Systemctl()
    guard peer.knowsUpheldBy else { return }
    var root = try UnitRoot(spelling: peer.spelling)
    try root.vendor("a.service", "[Install]\nUpheldBy=multi-user.target\n")
    try await compare(root.tree, [(.enable, "a"), (.disable, "a")])
  }

  @Test(.enabled(if: FolderReader.finds("/usr/lib/systemd/system"), "this machine has no units"))
  func `the units of this machine`() async throws {
    let spelling = try await Systemctl().spelling
    let folder = try OutsideRoot(try UnitRoot(spelling: spelling).tree)
    let copied = try await Tool.run(
      "cp", ["-a", "/usr/lib/systemd/system", folder.path.appending("usr/lib/systemd").string])
    try #require(copied.status == 0, "\(copied.output)")
    let tree = try FolderReader(folder.path).tree()
    let units = tree.names(in: "usr/lib/systemd/system").compactMap { TreePath([$0]).unitName }
      .filter { $0.form == .plain }
    #expect(units.count > 50)
    var node = try NodeSystem(root: tree)
    for wish in [ServiceWish.enable, .disable] {
      for unit in units {
        let ours = node.wish(wish, unit.description)
        let theirs = try await Systemctl.run(folder.path, wish.rawValue, unit.description)
        #expect(ours.isEmpty == (theirs.status == 0), "\(wish) \(unit): \(ours) \(theirs.output)")
      }
      #expect(difference(shape(node.root), shape(try FolderReader(folder.path).tree())) == [], "\(wish)")
    }
  }

  private func compare(_ root: FileTree, _ wishes: [(ServiceWish, String)]) async throws {
    let folder = try OutsideRoot(root)
    var node = try NodeSystem(root: root)
    for (wish, name) in wishes {
      let ours = node.wish(wish, name)
      let theirs = try await Systemctl.run(folder.path, wish.rawValue, name)
      let found = difference(shape(node.root), shape(try FolderReader(folder.path).tree()))
      #expect(found == [], "\(wish) \(name): \(theirs.output)")
      #expect(ours.isEmpty == (theirs.status == 0), "\(wish) \(name): \(ours) \(theirs.output)")
    }
  }
}

extension FolderReader {
  /// Whether a folder is there.
  fileprivate static func finds(_ path: String) -> Bool { (try? FolderReader(.init(path)).tree()) != nil }
}
