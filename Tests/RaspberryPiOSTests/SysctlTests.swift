import Bytes
import FileTree
import Recipe
import SystemPackage
import TestSupport
import Testing

@testable import RaspberryPiOS

struct SysctlTests {
  private static let file: TreePath = "etc/sysctl.d/60-pibake.conf"

  private func node(
    _ stock: StockTrees, _ parameters: [(String, String)]
  ) throws -> (trees: StockTrees, warnings: [String]) {
    try stock.afterStep(of: recipe()) { system throws(RaspberryPiOSError) in
      try system.editSysctl(
        SysctlSettings(parameters: parameters.map { .init(name: $0.0, value: $0.1, place: place(4)) }))
    }
  }

  @Test func `sysctl sets what the recipe says`() async throws {
    let parameters = [
      ("kernel.printk", "3 4 1 3"), ("vm.swappiness", "10"), ("net/ipv4/conf/lo/forwarding", "1"),
      ("net.ipv4.ip_local_port_range", " 32768 60999 "),
    ]
    let (node, warnings) = try node(StockTrees(.bookworm), parameters)
    #expect(warnings.isEmpty)
    #expect(
      try node.root.string(Self.file)
        == "# Written by pibake.\nkernel.printk = 3 4 1 3\nvm.swappiness = 10\nnet/ipv4/conf/lo/forwarding = 1\n"
        + "net.ipv4.ip_local_port_range = 32768 60999\n")
    guard Tool.arePresent("sysctl") else { return }
    let folder = try TemporaryFolder()
    try node.root.write("etc/sysctl.d", to: folder.path)
    let run = try await Tool.run("sysctl", ["--dry-run", "--load", folder.appending("60-pibake.conf").string])
    #expect(run.status == 0, "\(run.output)")
    let lines = run.standardOutput.split(separator: "\n").map { $0.replacing("/", with: ".") }
    #expect(
      lines == [
        "kernel.printk = 3 4 1 3", "vm.swappiness = 10", "net.ipv4.conf.lo.forwarding = 1",
        "net.ipv4.ip_local_port_range = 32768 60999",
      ])
  }

  @Test(
    arguments: [
      ("net.ipv4.conf.eth0/1.forwarding", "net/ipv4/conf/eth0.1/forwarding"),
      ("net/ipv4/conf/eth0.1/forwarding", "net/ipv4/conf/eth0.1/forwarding"), ("vm.swappiness", "vm/swappiness"),
      ("net.ipv4.conf.br-lan.rp_filter", "net/ipv4/conf/br-lan/rp_filter"),
    ])
  func `the first separator decides`(name: String, path: String) throws {
    #expect(try SysctlName(name).path == path)
  }

  @Test(
    arguments: [
      "-vm.swappiness", "net.ipv4.conf.*.rp_filter", "net.ipv4.conf.[ab].x", "", "swappiness", "vm..x", ".vm.x",
      "vm.x.",
      "vm/../x", "vm.x y", "vm.x=1", "#vm.x", "vm.x\nkernel.y", "vm.x\u{7f}",
    ])
  func `what is no name is refused at its place`(name: String) throws {
    let error = #expect(throws: RaspberryPiOSError.self) { try node(StockTrees(.bookworm), [(name, "1")]) }
    #expect(error?.kind == .usage)
    #expect(error?.said.hasPrefix("nog.toml:4:1: [sysctl]") == true)
  }

  @Test(arguments: ["", " ", "1\nkernel.x = 2"])
  func `a value is one line`(value: String) throws {
    #expect(throws: RaspberryPiOSError.self) { try node(StockTrees(.bookworm), [("vm.swappiness", value)]) }
  }

  @Test func `one parameter in two spellings is refused`() throws {
    let error = #expect(throws: RaspberryPiOSError.self) {
      try node(StockTrees(.bookworm), [("vm.swappiness", "1"), ("vm/swappiness", "2")])
    }
    #expect(error?.said.contains("twice") == true)
  }

  @Test func `a file of the image that wins is told, and one that it hides is not`() throws {
    var stock = try StockTrees(.bookworm)
    try stock.put("etc/sysctl.d/98-rpi.conf", "# rpi\nkernel.printk = 3 4 1 3\n-vm.min_free_kbytes=16384\n")
    try stock.put("usr/lib/sysctl.d/98-rpi.conf", "vm.swappiness = 1\n")
    try stock.put("usr/lib/sysctl.d/50-default.conf", "vm.swappiness = 1\n")
    let (_, warnings) = try node(stock, [("vm/min_free_kbytes", "1"), ("vm.swappiness", "2")])
    #expect(
      warnings == [
        "nog.toml:4:1: /etc/sysctl.d/98-rpi.conf:3 sets vm/min_free_kbytes after [sysctl], so that its value counts"
      ])
  }
}
