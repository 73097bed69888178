import Bytes
import FileTree
import Testing

@testable import RaspberryPiOS
import Recipe

/// One way of booting and all that it makes of the three places that name partitions.
struct Way: Sendable, CustomTestStringConvertible {
  var boot: BootSettings.Source
  var root: RootSettings.Place
  var nfs = RootSettings.NFSVersion.v3
  /// What stands in cmdline.txt between the consoles and the dialect's own end.
  var words: String
  var fstab: String
  var growsRoot = true

  var testDescription: String { "\(boot) + \(root) \(nfs.rawValue)" }

  private static let proc = "proc            /proc           proc    defaults          0       0\n"
  private static let comment = "# a swapfile is not a swap partition, no line here\n"
  private static func firmware(_ id: String) -> String {
    "PARTUUID=\(id)  /boot/firmware  vfat    defaults          0       2\n"
  }
  private static func slash(_ id: String) -> String {
    "PARTUUID=\(id)  /               ext4    defaults,noatime  0       1\n"
  }
  private static let nfs3 = "root=/dev/nfs nfsroot=192.168.7.1:/srv/nfs/nog,vers=3,tcp rw ip=dhcp rootwait"
  private static let nfs41 = "root=/dev/nfs nfsroot=192.168.7.1:/srv/nfs/nog,vers=4.1,proto=tcp rw ip=dhcp rootwait"

  static let all = [
    Way(
      boot: .disk, root: .disk, words: "root=PARTUUID=c1f95d14-02 rootfstype=ext4 fsck.repair=yes rootwait",
      fstab: proc + firmware("c1f95d14-01") + slash("c1f95d14-02") + comment),
    Way(
      boot: .card, root: .usb, words: "root=PARTUUID=c1f95d14-01 rootfstype=ext4 fsck.repair=yes rootwait",
      fstab: proc + firmware("aaaaaaaa-01") + slash("c1f95d14-01") + comment),
    Way(
      boot: .tftp, root: .usb, words: "root=PARTUUID=c1f95d14-01 rootfstype=ext4 fsck.repair=yes rootwait",
      fstab: proc + slash("c1f95d14-01") + comment),
    Way(boot: .tftp, root: .nfs, words: nfs3, fstab: proc + comment, growsRoot: false),
    Way(boot: .tftp, root: .nfs, nfs: .v4_1, words: nfs41, fstab: proc + comment, growsRoot: false),
    Way(boot: .card, root: .nfs, words: nfs3, fstab: proc + firmware("aaaaaaaa-01") + comment, growsRoot: false),
  ]
}

struct TopologyTests {
  @Test(arguments: Way.all, StockTrees.Dialect.allCases)
  func `cmdline.txt, fstab and the growing of the root`(way: Way, dialect: StockTrees.Dialect) throws {
    let stock = try StockTrees(dialect)
    let (node, warnings) = try stock.applying(recipe(boot: way.boot, root: way.root, nfs: way.nfs))
    #expect(try node.boot.string("cmdline.txt") == "console=serial0,115200 console=tty1 \(way.words)\n")
    #expect(try node.root.string("etc/fstab") == way.fstab)
    #expect(node.root.isUnitEnabled("pibake-grow-root.service") == way.growsRoot)
    #expect(node.root.has("usr/lib/pibake/grow-root") == way.growsRoot)
    #expect(!node.root.isUnitEnabled("rpi-resize.service"))
    let config = way.nfs == .v4_1 ? Stock.config.replacing("auto_initramfs=1\n", with: "") : Stock.config
    #expect(try node.boot.string("config.txt") == config)
    let modules = way.boot == .disk ? "dep" : "most"
    #expect(
      try node.root.string("etc/initramfs-tools/initramfs.conf")
        == "# initramfs.conf\nMODULES=\(modules)\nBUSYBOX=auto\n")
    let held = way.boot == .tftp ? [Warning.heldKernels] : []
    #expect(warnings == held + [Warning("the recipe names no [user]: the image asks for one on its console")])
  }

  @Test(arguments: [OutputSettings.Table.gpt, .hybrid])
  func `partitions of a GPT are named by their GUIDs`(table: OutputSettings.Table) throws {
    let wish = try recipe(boot: .disk, root: .disk) { $0.output.table = table }
    let node = try StockTrees(.bookworm).applying(wish).trees
    let (boot, root) = (NodeIdentity(wish).disk.partitionGUID(1), NodeIdentity(wish).disk.partitionGUID(2))
    #expect(try node.boot.string("cmdline.txt")?.contains(" root=PARTUUID=\(root) ") == true)
    let fstab = Fstab(try #require(try node.root.string("etc/fstab")))
    #expect(fstab.device(at: "/") == "PARTUUID=\(root)")
    #expect(fstab.device(at: "/boot/firmware") == "PARTUUID=\(boot)")
  }

  @Test func `a fixed size does not grow`() throws {
    let node = try StockTrees(.trixie).applying(recipe { $0.root.size = .bytes(8 << 30) }).trees
    let grows = node.root.has("usr/lib/pibake/grow-root") || node.root.isUnitEnabled(GrowRoot.unit.name)
    #expect(!grows)
  }

  @Test(arguments: [(BootSettings.Source.disk, RootSettings.Place.usb), (.tftp, .disk), (.card, .disk), (.disk, .nfs)])
  func `places that contradict each other are the recipe's mistake`(
    boot: BootSettings.Source, root: RootSettings.Place
  ) throws {
    let error = #expect(throws: RaspberryPiOSError.self) {
      try StockTrees(.bookworm).applying(recipe(boot: boot, root: root))
    }
    #expect(error?.kind == .usage)
  }

  @Test func `a root over NFS needs a server`() throws {
    let error = #expect(throws: RaspberryPiOSError.self) {
      try StockTrees(.bookworm).applying(recipe(root: .nfs) { $0.server = nil })
    }
    #expect(error?.said == "[root] on = \"nfs\" needs [server] address")
  }

  @Test func `NFS 4 is refused where no kernel has the client built in`() throws {
    var stock = try StockTrees(.bookworm)
    for version in ["6.12.25+rpt-rpi-v8", "6.12.25+rpt-rpi-2712"] {
      let path = try #require(TreePath("usr/lib/modules/\(version)/modules.builtin"))
      try stock.put(path, "kernel/fs/ext4/ext4.ko\n")
    }
    let error = #expect(throws: RaspberryPiOSError.self) { try stock.applying(recipe(root: .nfs, nfs: .v4_1)) }
    #expect(error?.kind == .unsupported)
    #expect(error?.hint?.contains("nfs_version = \"3\"") == true)
  }

  @Test func `services that make no sense over NFS are off`() throws {
    var stock = try StockTrees(.trixie)
    try stock.put("usr/lib/systemd/system/dphys-swapfile.service", "[Install]\nWantedBy=multi-user.target\n")
    try stock.link(
      "etc/systemd/system/multi-user.target.wants/dphys-swapfile.service",
      "/usr/lib/systemd/system/dphys-swapfile.service")
    let node = try stock.applying(recipe(root: .nfs)).trees
    #expect(!node.root.isUnitEnabled("dphys-swapfile.service"))
    #expect(try node.root.string("etc/rpi/swap.conf.d/80-pibake.conf") == "[Main]\nMechanism=zram\n")
    let disk = try stock.applying(recipe(root: .usb)).trees
    #expect(disk.root.isUnitEnabled("dphys-swapfile.service"))
  }

  @Test func `words of older Imagers and of first boot go, and what nothing reads any more is said`() throws {
    var stock = try StockTrees(.bookworm)
    try stock.putBoot(
      "cmdline.txt",
      "root=PARTUUID=4edc4c69-02 rootwait systemd.run=/boot/firstrun.sh systemd.run_success_action=reboot "
        + "systemd.unit=kernel-command-line.target\r\nsecond line\n")
    try stock.putBoot("firstrun.sh", "#!/bin/bash\n")
    let (node, warnings) = try stock.applying(recipe())
    #expect(try node.boot.string("cmdline.txt") == "root=PARTUUID=c1f95d14-01 rootwait\n")
    #expect(warnings.map(\.description).contains { $0.contains("firstrun.sh") })
  }

  @Test(arguments: ["cmdline.txt", "config.txt"])
  func `names on FAT are found in any case`(name: String) throws {
    var stock = try StockTrees(.bookworm)
    let old = try #require(TreePath(name))
    let text = try #require(try stock.boot.string(old))
    try stock.boot.removeIfPresent(old)
    try stock.putBoot(try #require(TreePath(name.uppercased())), text)
    let node = try stock.applying(recipe { $0.boot.configText = ["enable_uart=1"] }).trees
    #expect(node.boot.find(old) == nil)
    #expect(try changes(from: stock.boot, to: node.boot)["/\(name.uppercased())"] != nil)
  }

  @Test(arguments: ["etc/fstab", "cmdline.txt"])
  func `an image without the file is unsupported by name`(name: String) throws {
    var stock = try StockTrees(.bookworm)
    let path = try #require(TreePath(name))
    try stock.boot.removeIfPresent(path)
    try stock.root.removeIfPresent(path)
    let error = #expect(throws: RaspberryPiOSError.self) { try stock.applying(recipe()) }
    #expect(error?.kind == .unsupported)
    #expect(error?.said.contains(name) == true)
  }

  @Test func `another command line of one board that is not there is warned of by name`() throws {
    var stock = try StockTrees(.bookworm)
    try stock.putBoot("config.txt", "[0x12345678]\ncmdline=cmdline-nog.txt\n")
    let warnings = try stock.applying(recipe()).warnings
    #expect(warnings.contains { $0.description.hasPrefix("config.txt:2: cmdline=cmdline-nog.txt names no file") })
  }
}
