import Bytes
import FileTree
import Recipe
import SystemPackage
import TestSupport
import Testing

@testable import RaspberryPiOS

struct HostsTests {
  private func node(
    _ entries: [HostsSettings.Entry], _ stock: StockTrees? = nil
  ) throws -> (trees: StockTrees, warnings: [String]) {
    try (stock ?? StockTrees(.bookworm)).afterStep(of: recipe()) { system throws(RaspberryPiOSError) in
      try system.editHosts(HostsSettings(entries: entries))
    }
  }

  @Test func `names stand in a block at the end`() throws {
    let (node, warnings) = try node([
      .init(address: "192.168.7.1", names: ["mandalore", "mandalore.lan"]),
      .init(address: "fd00::1", names: ["mandalore"]),
    ])
    #expect(warnings.isEmpty)
    #expect(
      try node.root.string("etc/hosts")
        == Stock.hosts
        + "# begin pibake\n192.168.7.1\tmandalore mandalore.lan\nfd00::1\tmandalore\n# end pibake\n")
  }

  @Test func `the next recipe replaces the block, wherever it is`() throws {
    var stock = try StockTrees(.bookworm)
    try stock.put("etc/hosts", "# begin pibake\n10.0.0.1\told\n# end pibake\n127.0.0.1\tlocalhost\n")
    let (node, _) = try node([.init(address: "10.0.0.2", names: ["new"])], stock)
    #expect(
      try node.root.string("etc/hosts") == "127.0.0.1\tlocalhost\n# begin pibake\n10.0.0.2\tnew\n# end pibake\n")
  }

  @Test func `what the image has is not doubled, and what it has otherwise is told`() throws {
    var stock = try StockTrees(.bookworm)
    try stock.put("etc/hosts", "127.0.0.1\tlocalhost\n192.168.7.1 Mandalore # the server\n10.0.0.9 nog\n")
    let (node, warnings) = try node(
      [
        .init(address: "192.168.7.1", names: ["mandalore", "m", "m"]),
        .init(address: "10.0.0.3", names: ["nog"], place: place(8)), .init(address: "fd00::3", names: ["nog"]),
      ], stock)
    #expect(
      try node.root.string("etc/hosts")?.hasSuffix(
        "10.0.0.9 nog\n# begin pibake\n192.168.7.1\tm\n10.0.0.3\tnog\nfd00::3\tnog\n# end pibake\n") == true)
    #expect(
      warnings == ["nog.toml:8:1: [hosts] nog: /etc/hosts:3 gives it another address, which programs find first"])
  }

  @Test(
    arguments: [
      ("10.0.0", "a"), ("10.0.0.1 ", "a"), ("", "a"), ("mandalore", "a"), ("127.0.1.1", "a"), ("10.0.0.1", "a b"),
      ("10.0.0.1", ""), ("10.0.0.1", "a#b"), ("10.0.0.1", "a\n10.0.0.2 b"), ("10.0.0.1\n10.0.0.2", "b"),
    ])
  func `what is no address or name is refused at its place`(address: String, name: String) throws {
    let error = #expect(throws: RaspberryPiOSError.self) {
      try node([.init(address: address, names: [name], place: place())])
    }
    #expect(error?.kind == .usage)
    #expect(error?.said.hasPrefix("nog.toml:3:1: [hosts]") == true)
  }
}

struct MotdTests {
  private func motd(_ text: String?, _ stock: StockTrees) throws -> String? {
    try stock.afterStep(of: recipe()) { system throws(RaspberryPiOSError) in
      try system.editMotd(MotdSettings(text: text))
    }.trees.root.string("etc/motd")
  }

  @Test func `the message ends in a newline, and an empty one empties the file`() throws {
    var stock = try StockTrees(.bookworm)
    try stock.put("etc/motd", "The programs included with the Debian GNU/Linux system are free software\n")
    #expect(try motd("This is nog.", stock) == "This is nog.\n")
    #expect(try motd("two\nlines\n", stock) == "two\nlines\n")
    #expect(try motd("", stock) == "")
    #expect(try motd(nil, stock)?.hasPrefix("The programs") == true)
  }

  @Test func `a link into a folder that is empty at every start becomes a file`() throws {
    var stock = try StockTrees(.bookworm)
    try stock.link("etc/motd", "/run/motd.dynamic")
    #expect(try motd("This is nog.", stock) == "This is nog.\n")
  }
}
