import Bytes
import FileTree
import Recipe
import SystemPackage
import TestSupport
import Testing

@testable import RaspberryPiOS

struct TimeTests {
  private static let units: TreePath = "usr/lib/systemd/system"
  private static let dropIn: TreePath = "etc/systemd/timesyncd.conf.d/50-pibake.conf"

  private func withTimesyncd() throws -> StockTrees {
    var stock = try StockTrees(.bookworm)
    try stock.put("usr/lib/systemd/systemd-timesyncd", "\u{7f}ELF", mode: 0o755)
    try stock.put("etc/systemd/timesyncd.conf", "[Time]\nNTP=old.example\n#FallbackNTP=0.debian.pool.ntp.org\n")
    try stock.put(
      "usr/lib/systemd/system/systemd-timesyncd.service",
      "[Unit]\n[Install]\nWantedBy=sysinit.target\nAlias=dbus-org.freedesktop.timesync1.service\n")
    try stock.root.enableUnit("systemd-timesyncd.service", time: StockTrees.stockTime)
    return stock
  }

  private func withChrony() throws -> StockTrees {
    var stock = try StockTrees(.bookworm)
    try stock.put("usr/sbin/chronyd", "\u{7f}ELF", mode: 0o755)
    try stock.put("etc/chrony/chrony.conf", "pool 2.debian.pool.ntp.org iburst\nsourcedir /etc/chrony/sources.d\n")
    try stock.put("usr/lib/systemd/system/chrony.service", "[Install]\nWantedBy=multi-user.target\n")
    return stock
  }

  @Test func `timesyncd asks the servers of the recipe and no other`() async throws {
    let (node, warnings) = try withTimesyncd().afterStep(of: recipe()) { system throws(RaspberryPiOSError) in
      try system.editTime(TimeSettings(servers: ["ntp.example", "192.168.7.1"], ntp: true))
    }
    #expect(warnings.isEmpty)
    #expect(
      try node.root.string(Self.dropIn) == "# Written by pibake.\n[Time]\nNTP=\nNTP=ntp.example 192.168.7.1\n")
    #expect(node.root.isUnitEnabled("systemd-timesyncd.service"))
    guard Tool.arePresent("systemd-analyze") else { return }
    let folder = try TemporaryFolder()
    try makeFolder(folder.appending("etc"))
    try node.root.write("etc", to: folder.appending("etc"))
    let shown = try await Tool.run(
      "systemd-analyze", ["cat-config", "--root=\(folder.path)", "systemd/timesyncd.conf"])
    #expect(shown.status == 0, "\(shown.output)")
    // The drop-in comes after the file, so that its empty assignment drops the file's server.
    let lines = shown.standardOutput.split(separator: "\n").filter { $0.hasPrefix("NTP=") }
    #expect(lines == ["NTP=old.example", "NTP=", "NTP=ntp.example 192.168.7.1"])
  }

  @Test func `chrony gets a file of sources`() throws {
    let (node, warnings) = try withChrony().afterStep(of: recipe()) { system throws(RaspberryPiOSError) in
      try system.editTime(TimeSettings(servers: ["ntp.example", "fd00::1"]))
    }
    #expect(warnings.isEmpty)
    #expect(
      try node.root.string("etc/chrony/sources.d/pibake.sources")
        == "# Written by pibake.\nserver ntp.example iburst prefer\nserver fd00::1 iburst prefer\n")
    #expect(!node.root.has(Self.dropIn))
  }

  @Test func `a chrony that reads no sources, and an image with no client, are told`() throws {
    var stock = try withChrony()
    try stock.put("etc/chrony/chrony.conf", "pool 2.debian.pool.ntp.org iburst\n")
    for (trees, word) in [(stock, "sourcedir"), (try StockTrees(.bookworm), "neither systemd-timesyncd nor chrony")] {
      let (_, warnings) = try trees.afterStep(of: recipe()) { system throws(RaspberryPiOSError) in
        try system.editTime(TimeSettings(servers: ["ntp.example"], place: place(7)))
      }
      #expect(warnings.count == 1)
      #expect(warnings.first?.hasPrefix("nog.toml:7:1: ") == true)
      #expect(warnings.first?.contains(word) == true)
    }
  }

  @Test func `ntp = false disables the client with its alias`() throws {
    let (node, warnings) = try withTimesyncd().afterStep(of: recipe()) { system throws(RaspberryPiOSError) in
      try system.editTime(TimeSettings(ntp: false))
    }
    #expect(warnings.isEmpty)
    #expect(!node.root.isUnitEnabled("systemd-timesyncd.service"))
    #expect(!node.root.has("etc/systemd/system/dbus-org.freedesktop.timesync1.service"))
    #expect(!node.root.has(Self.dropIn))
  }

  @Test(arguments: ["", "a b", "ntp.example\nNTP=evil", "#ntp", "-x", "münchen"])
  func `what is no server is refused at its place`(server: String) throws {
    let error = #expect(throws: RaspberryPiOSError.self) {
      try withTimesyncd().afterStep(of: recipe()) { system throws(RaspberryPiOSError) in
        try system.editTime(TimeSettings(servers: [server], place: place()))
      }
    }
    #expect(error?.kind == .usage)
    #expect(error?.said.hasPrefix("nog.toml:3:1: [time] servers") == true)
  }
}
