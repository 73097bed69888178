import Bytes
import FileTree
import Recipe
import SystemPackage
import TestSupport
import Testing

@testable import RaspberryPiOS

struct ModulesTests {
  private func stock() throws -> StockTrees {
    var stock = try StockTrees(.bookworm)
    let folder: TreePath = "usr/lib/modules/6.12.25+rpt-rpi-v8"
    try stock.put(
      folder.appending(text: "modules.dep"),
      "kernel/drivers/i2c/i2c-dev.ko.xz:\nkernel/net/bridge/br_netfilter.ko.xz: kernel/net/bridge/bridge.ko.xz\n"
        + "kernel/net/bridge/bridge.ko.xz: kernel/net/802/stp.ko.xz\nkernel/drivers/usb/storage/usb-storage.ko:\n")
    try stock.put(
      folder.appending(text: "modules.alias"),
      "# Aliases extracted from modules themselves.\nalias fs-btrfs btrfs\nalias usb:v03EBp2002d0100* usb_storage\n")
    return stock
  }

  private func node(
    _ settings: ModulesSettings, _ stock: StockTrees? = nil
  ) throws -> (trees: StockTrees, warnings: [String]) {
    try (stock ?? self.stock()).afterStep(of: recipe()) { system throws(RaspberryPiOSError) in
      try system.editModules(settings)
    }
  }

  @Test func `modprobe reads what the recipe says`() async throws {
    let (node, warnings) = try node(
      ModulesSettings(
        load: [.init("i2c-dev"), .init("br_netfilter")],
        options: [.init(.init("usb-storage"), "quirks=152d:0578:u delay_use=5")], blacklist: [.init("bridge")]))
    #expect(warnings.isEmpty)
    #expect(
      try node.root.string("etc/modules-load.d/pibake.conf") == "# Written by pibake.\ni2c-dev\nbr_netfilter\n")
    #expect(
      try node.root.string("etc/modprobe.d/pibake.conf")
        == "# Written by pibake.\noptions usb-storage quirks=152d:0578:u delay_use=5\nblacklist bridge\n")
    guard Tool.arePresent("modprobe") else { return }
    let folder = try TemporaryFolder()
    try node.root.write("etc/modprobe.d", to: folder.path)
    let run = try await Tool.run("modprobe", ["-c", "-C", folder.path.string])
    let lines = run.standardOutput.split(separator: "\n")
    #expect(lines.contains("options usb_storage quirks=152d:0578:u delay_use=5"), "\(run.output)")
    #expect(lines.contains("blacklist bridge"))
  }

  @Test func `a module that no kernel has is told with the nearest`() throws {
    let (node, warnings) = try node(
      ModulesSettings(
        load: [.init("i2c-dv", place: place(4)), .init("fs-btrfs"), .init("BTRFS")],
        options: [.init(.init("ext4"), "a=1")],
        blacklist: [.init("nfs", place: place(9))]))
    #expect(
      warnings == [
        "nog.toml:4:1: [modules] no kernel of the image has the module i2c-dv; did you mean \"i2c_dev\"?",
        "[modules] no kernel of the image has the module BTRFS",
        "[modules] options.ext4 has no effect, because the kernel has ext4 built in: [boot] cmdline.add takes "
          + "ext4.OPTION=VALUE",
        "nog.toml:9:1: [modules] blacklist: the kernel has nfs built in, which no blacklist keeps from starting",
      ])
    // The image may get the module from a package.
    #expect(try node.root.string("etc/modules-load.d/pibake.conf")?.contains("i2c-dv") == true)
  }

  @Test func `without lists, nothing can be told`() throws {
    let (_, warnings) = try node(ModulesSettings(load: [.init("i2c-dev"), .init("x")]), StockTrees(.bookworm))
    #expect(warnings.count == 1)
    #expect(warnings.first?.contains("modules.dep") == true)
  }

  @Test(arguments: ["", "a b", "-r", "i2c/dev", "#x", "a\nb", "i2c*"])
  func `what is no name is refused at its place`(name: String) throws {
    let error = #expect(throws: RaspberryPiOSError.self) {
      try node(ModulesSettings(load: [.init(name, place: place())]))
    }
    #expect(error?.kind == .usage)
    #expect(error?.said.hasPrefix("nog.toml:3:1: [modules]") == true)
  }

  @Test(arguments: ["", "  ", "a=1\nblacklist x", "a=1 \\"])
  func `options are one line`(text: String) throws {
    #expect(throws: RaspberryPiOSError.self) {
      try node(ModulesSettings(options: [.init(.init("bridge"), text)]))
    }
  }
}
