import FileTree
import Recipe
import SystemPackage
import TestSupport
import Testing

@testable import RaspberryPiOS

/// Nodes that boot by TFTP: the image finds no firmware partition.
struct FirmwarePartitionTests {
  @Test(arguments: Way.all)
  func `who looks for the firmware partition gets a folder that exists, where there is none`(way: Way) throws {
    let stock = try StockTrees(.trixie)
    let node = try stock.applying(recipe(boot: way.boot, root: way.root, nfs: way.nfs)).trees
    let text = try node.root.string("etc/default/raspberrypi-sys-mods")
    #expect(text?.contains("\nFWLOC=/boot/firmware\n") == (way.boot == .tftp))
    #expect(node.root.has("boot/firmware"))
    #expect(node.root.isUnitEnabled("sshswitch.service"))
  }

  @Test func `an image without Raspberry Pi's scripts gets no settings for them`() throws {
    var stock = try StockTrees(.bookworm)
    try stock.root.removeIfPresent("usr/lib/raspberrypi-sys-mods/get_fw_loc")
    try stock.root.removeIfPresent("etc/default/raspberrypi-sys-mods")
    #expect(try !stock.applying(recipe()).trees.root.has("etc/default/raspberrypi-sys-mods"))
  }

  @Test func `kernel packages are on hold where their hooks would fail, and nowhere else`() throws {
    let stock = try StockTrees(.trixie)
    let (node, warnings) = try stock.applying(recipe())
    #expect(try node.root.string("var/lib/dpkg/status") == StockUnits.heldStatus)
    #expect(
      try node.root.string("etc/initramfs-tools/update-initramfs.conf") == "update_initramfs=no\nbackup_initramfs=no\n")
    #expect(warnings.contains(.heldKernels))
    #expect(try node.applying(recipe()).warnings.contains(.heldKernels))
    let card = try stock.applying(recipe(boot: .card))
    #expect(try card.trees.root.string("var/lib/dpkg/status") == StockUnits.status)
    #expect(!card.warnings.contains(.heldKernels))
  }

  @Test(.enabled(if: Tool.arePresent("dpkg"), "dpkg is not installed"))
  func `dpkg reads the holds`() async throws {
    let folder = try TemporaryFolder()
    for name in ["info", "updates"] { _ = try await Tool.run("mkdir", [folder.appending(name).string]) }
    let node = try StockTrees(.trixie).applying(recipe()).trees.root
    try write(try #require(try node.string("var/lib/dpkg/status")), to: folder.appending("status"))
    let found = try await Tool.run("dpkg", ["--admindir=\(folder.path)", "--get-selections"])
    let selections = found.output.split(separator: "\n").map { String($0).words }.filter { $0.count == 2 }
    #expect(
      selections == [
        ["linux-image-6.1.0-rpi7-rpi-v8", "deinstall"], ["linux-image-rpi-v8", "hold"], ["openssh-server", "install"],
        ["raspi-firmware", "hold"],
      ], "\(found.output)")
  }

  @Test func `dpkg's list keeps every other byte`() throws {
    var status = DpkgStatus(Array("Package: a\nStatus: install ok triggers-pending\nX: \u{e4}\n\nPackage:b".utf8))
    status.hold { $0 == "a" || $0 == "b" }
    #expect(status.bytes == Array("Package: a\nStatus: hold ok triggers-pending\nX: \u{e4}\n\nPackage:b".utf8))
    #expect(status.held == ["a"])
    var empty = DpkgStatus([])
    empty.hold { _ in true }
    #expect(empty.bytes.isEmpty)
  }
}

struct CloudInitTests {
  private static let dropIn: TreePath = "etc/cloud/cloud.cfg.d/99_zz_pibake.cfg"

  @Test func `cloud-init leaves alone what pibake has set, and the image's own way in`() throws {
    let text = try #require(try StockTrees(.trixie).applying(recipe(boot: .card)).trees.root.string(Self.dropIn))
    for line in [
      "preserve_hostname: true", "manage_etc_hosts: false", "locale: false", "  mode: \"off\"", "resize_rootfs: false",
      "ssh_deletekeys: false", "ssh_genkeytypes: []",
    ] { #expect(text.contains("\n\(line)\n"), "\(line)") }
    #expect(!text.contains("users:") && !text.contains("datasource:"))
  }

  @Test func `an operator's own seed is said, and read without the boot partition`() throws {
    var stock = try StockTrees(.trixie)
    try stock.putBoot("user-data", "#cloud-config\nhostname: other\n")
    let (node, warnings) = try stock.applying(recipe())
    #expect(warnings.map(\.description).contains { $0.contains("user-data is not empty") })
    #expect(try node.boot.string("user-data") == "#cloud-config\nhostname: other\n")
    let text = try #require(try node.root.string(Self.dropIn))
    #expect(text.contains("datasource:\n  NoCloud:\n    seedfrom: file:///var/lib/cloud/seed/nocloud/\n"))
    let all = try listing(node.root)
    #expect(all["/var/lib/cloud/seed/nocloud/user-data"] == "file 600 0:0\n#cloud-config\nhostname: other\n")
    #expect(all["/var/lib/cloud/seed/nocloud/meta-data"]?.contains("instance_id: rpios-image") == true)
    #expect(all["/var/lib/cloud/seed/nocloud/network-config"] == "file 600 0:0\n# network:\n")
    #expect(!node.root.has("etc/cloud/cloud-init.disabled"))
    let card = try stock.applying(recipe(boot: .card)).trees.root
    #expect(!card.has("var/lib/cloud") && !card.has("etc/cloud/cloud-init.disabled"))
  }

  @Test func `a seed of comments alone is not looked for without the boot partition`() throws {
    let node = try StockTrees(.trixie).applying(recipe()).trees.root
    #expect(node.has("etc/cloud/cloud-init.disabled") && !node.has("var/lib/cloud"))
    // Without seed files on the boot partition cloud-init looks elsewhere.
    var other = try StockTrees(.trixie)
    for name: TreePath in ["user-data", "meta-data", "network-config"] { try other.boot.removeIfPresent(name) }
    #expect(try !other.applying(recipe()).trees.root.has("etc/cloud/cloud-init.disabled"))
  }
}
