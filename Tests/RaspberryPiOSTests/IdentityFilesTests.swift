import FileTree
import Testing

@testable import RaspberryPiOS
import Recipe

struct IdentityFilesTests {
  @Test(arguments: [
    ("127.0.0.1\tlocalhost\n", "127.0.0.1\tlocalhost\n127.0.1.1\t\tnog\n"),
    ("127.0.1.1\traspberrypi\n", "127.0.1.1\tnog\n"),
    ("127.0.1.1 raspberrypi.local raspberrypi\n", "127.0.1.1 raspberrypi.local nog\n"),
    ("127.0.1.1\t\tother\n", "127.0.1.1\t\tnog\n"),
    ("127.0.1.1", "127.0.1.1\t\tnog"),
  ])
  func `the line of 127.0.1.1 keeps its shape`(old: String, new: String) throws {
    var stock = try StockTrees(.bookworm)
    try stock.put("etc/hosts", old)
    #expect(try stock.applying(recipe()).trees.root.string("etc/hosts") == new)
  }

  @Test func `the machine id in its three forms`() throws {
    for dialect in StockTrees.Dialect.allCases {
      let stock = try StockTrees(dialect)
      func id(_ form: SystemSettings.MachineID) throws -> String? {
        try stock.applying(recipe { $0.system.machineID = form }).trees.root.string("etc/machine-id")
      }
      let given = String(repeating: "0a", count: 16)
      #expect(try id(.given(given)) == given + "\n")
      #expect(try id(.derived) == NodeIdentity(recipe()).machineID + "\n")
      // Empty: a new id, and no first boot with presets as "uninitialized" has it (machine-id(5)).
      #expect(try id(.firstBoot) == "")
    }
  }

  @Test func `an id that the image was given by mistake goes, and D-Bus's copy with it`() throws {
    var stock = try StockTrees(.bookworm)
    try stock.put("etc/machine-id", String(repeating: "a", count: 32) + "\n", mode: 0o444)
    try stock.put("var/lib/dbus/machine-id", String(repeating: "a", count: 32) + "\n")
    let node = try stock.applying(recipe { $0.system.machineID = .firstBoot }).trees
    #expect(try node.root.string("etc/machine-id") == "")
    #expect(node.root.find("var/lib/dbus/machine-id", followingLast: false) == nil)
    try stock.root.removeIfPresent("var/lib/dbus/machine-id")
    try stock.link("var/lib/dbus/machine-id", "/etc/machine-id")
    #expect(try stock.applying(recipe()).trees.root.find("var/lib/dbus/machine-id", followingLast: false) != nil)
  }
}
