import FileTree
import Recipe
import Testing

@testable import RaspberryPiOS

/// First-start work of the image that pibake does in its place.
struct FirstStartTests {
  @Test(arguments: Way.all, StockTrees.Dialect.allCases)
  func `nothing of the image grows the root, whatever the root is`(way: Way, dialect: StockTrees.Dialect) throws {
    var stock = try StockTrees(dialect)
    try stock.put("etc/init.d/resize2fs_once", "#!/bin/sh\n", mode: 0o755)
    try stock.link("etc/rc3.d/S01resize2fs_once", "../init.d/resize2fs_once")
    try stock.put("usr/share/initramfs-tools/scripts/local-bottom/growroot", "#!/bin/sh\n", mode: 0o755)
    try stock.put("etc/fstab", Stock.fstab.replacing("defaults,noatime", with: "defaults,x-systemd.growfs,noatime"))
    let node = try stock.applying(recipe(boot: way.boot, root: way.root, nfs: way.nfs)).trees
    #expect(!node.root.isUnitEnabled("rpi-resize.service"))
    #expect(node.root.find("etc/rc3.d/S01resize2fs_once", followingLast: false) == nil)
    #expect(node.root.has("etc/init.d/resize2fs_once"))
    #expect(node.root.has("etc/growroot-disabled"))
    #expect(try node.root.string("etc/fstab") == way.fstab)
  }

  @Test(arguments: ["rpi-resize-swap-file.service", "dphys-swapfile.service"])
  func `what takes its size from the free space waits for the growth`(unit: String) throws {
    let before = TextFile(text: GrowRoot.unit.text)
    #expect(before.firstIndex { $0.hasPrefix("Before=") && $0.contains(unit) } != nil)
  }

  @Test func `bookworm's firstboot takes quiet away, unless a splash screen wants it`() throws {
    func line(_ stock: String) throws -> String? {
      var trees = try StockTrees(.bookworm)
      try trees.putBoot("cmdline.txt", "root=PARTUUID=4edc4c69-02 rootwait \(stock)\n")
      return try trees.applying(recipe()).trees.boot.string("cmdline.txt")
    }
    let root = "root=PARTUUID=c1f95d14-01 rootwait"
    let firstBoot = "init=/usr/lib/raspberrypi-sys-mods/firstboot"
    #expect(try line("quiet \(firstBoot)") == "\(root)\n")
    #expect(try line("quiet sdhci.debug_quirks2=4 init=/usr/lib/raspi-config/init_resize.sh") == "\(root)\n")
    #expect(try line("quiet splash \(firstBoot)") == "\(root) quiet splash\n")
    #expect(try line("quiet") == "\(root) quiet\n")
  }

  @Test func `a unit for the first boot that pibake does not know is named`() throws {
    var stock = try StockTrees(.trixie)
    let units: TreePath = "usr/lib/systemd/system"
    for (name, text) in [
      ("enrol.service", "[Unit]\nConditionFirstBoot = |yes\n"), ("idle.service", "[Unit]\nConditionFirstBoot=yes\n"),
      ("each@.service", "[Unit]\nDescription=each\n"), ("plain.service", "[Unit]\nConditionFirstBoot=\n"),
      ("masked.service", "[Unit]\nConditionFirstBoot=true\n"),
    ] { try stock.put(units.appending(text: name), text) }
    try stock.put("etc/systemd/system/each@.service.d/first.conf", "[Unit]\nConditionFirstBoot=!no\n")
    try stock.link("etc/systemd/system/masked.service", "/dev/null")
    try stock.link("etc/systemd/system/multi-user.target.wants/enrol.service", "/usr/lib/systemd/system/enrol.service")
    try stock.link("usr/lib/systemd/system/basic.target.requires/each@one.service", "../each@.service")
    for name in ["plain", "masked"] {
      try stock.link(
        TreePath("etc/systemd/system/multi-user.target.wants").appending(text: "\(name).service"),
        "/usr/lib/systemd/system/\(name).service")
    }
    func named(_ id: SystemSettings.MachineID) throws -> [String] {
      try stock.applying(recipe { $0.system.machineID = id }).warnings.map(\.description)
        .filter { $0.contains("ConditionFirstBoot") }.compactMap { $0.words.first }
    }
    #expect(try named(.derived) == ["each@one.service", "enrol.service"])
    #expect(try named(.firstBoot) == ["each@one.service", "enrol.service"])
    // An empty file of the image's own is no first boot either: nothing is lost.
    try stock.put("etc/machine-id", "", mode: 0o444)
    #expect(try named(.derived) == [])
  }

  @Test func `a command line that declares a first boot is named`() throws {
    var stock = try StockTrees(.trixie)
    try stock.putBoot("cmdline.txt", "root=PARTUUID=4edc4c69-02 systemd.condition-first-boot=yes\n")
    let warnings = try stock.applying(recipe()).warnings.map(\.description)
    #expect(warnings.contains { $0.contains("systemd.condition-first-boot=yes") })
  }

  @Test func `an image that cannot move a partition's end is told at once`() throws {
    var stock = try StockTrees(.trixie)
    try stock.root.removeIfPresent("usr/sbin/sfdisk")
    let warnings = try stock.applying(recipe()).warnings.map(\.description)
    #expect(warnings.contains { $0.hasPrefix("the image has no sfdisk (packages fdisk and util-linux)") })
    #expect(try stock.applying(recipe(root: .nfs)).warnings.allSatisfy { !$0.description.contains("sfdisk") })
  }

  @Test(arguments: StockTrees.Dialect.allCases)
  func `the desktop's compositors get the keyboard too`(dialect: StockTrees.Dialect) throws {
    var stock = try StockTrees(dialect)
    try stock.put(
      "etc/default/keyboard", Stock.keyboard.replacing("XKBOPTIONS=\"\"", with: "XKBOPTIONS=\"ctrl:nocaps\""))
    try stock.put("usr/share/labwc/environment", "# the greeter's\nXKB_DEFAULT_LAYOUT=gb\n")
    try stock.put("usr/share/greeter.ini", "[input]\nxkb_layout=gb\nxkb_variant=extd\n")
    let node = try stock.applying(recipe { $0.locale.keymap = "de" }).trees
    #expect(
      try node.root.string("etc/xdg/labwc/environment")
        == "XKB_DEFAULT_MODEL=pc105\nXKB_DEFAULT_LAYOUT=de\nXKB_DEFAULT_VARIANT=\nXKB_DEFAULT_OPTIONS=ctrl:nocaps\n")
    #expect(
      try node.root.string("usr/share/labwc/environment")
        == "# the greeter's\nXKB_DEFAULT_LAYOUT=de\nXKB_DEFAULT_MODEL=pc105\nXKB_DEFAULT_VARIANT=\n"
        + "XKB_DEFAULT_OPTIONS=ctrl:nocaps\n")
    #expect(try node.root.string("usr/share/greeter.ini") == "[input]\nxkb_layout=de\nxkb_variant=\n")
    #expect(node.root.find("etc/xdg/labwc-greeter") == nil)
    #expect(try changes(from: stock.root, to: stock.applying(recipe()).trees.root)["/etc/xdg/labwc/environment"] == nil)
  }
}
