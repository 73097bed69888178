import Bytes
import FileTree
import Testing

@testable import RaspberryPiOS
import Recipe

struct FirmwareConfigurationTests {
  private func tree(_ files: [String: String]) throws -> FileTree {
    var stock = try StockTrees(.bookworm)
    stock.boot = FileTree(
      flavor: .fat, inode: Inode(mode: 0o755, time: StockTrees.stockTime, body: .directory(Directory())))
    for (path, text) in files { try stock.putBoot(try #require(TreePath(path)), text) }
    return stock.boot
  }

  private func lines(_ files: [String: String]) throws -> (found: [String], missing: [String]) {
    let boot = try tree(files)
    let lines = try FirmwareConfiguration(boot).commandLines(on: boot)
    return (lines.found.map(NodeSystem.name), lines.missing)
  }

  @Test(arguments: [
    ("", ["cmdline.txt"]), ("cmdline=a.txt", ["a.txt"]), ("cmdline = A.TXT \r", ["a.txt"]),
    ("cmdline=b.txt\ncmdline=a.txt", ["a.txt"]), ("[pi4]\ncmdline=a.txt", ["cmdline.txt", "a.txt"]),
    ("[pi4]\ncmdline=a.txt\n[all]\ncmdline=b.txt", ["b.txt"]), ("[none]\ncmdline=a.txt", ["cmdline.txt"]),
    ("[none]\n[all]\ncmdline=a.txt", ["a.txt"]), ("[none]\n[pi5]\ncmdline=a.txt", ["cmdline.txt", "a.txt"]),
    ("[EDID=X]\ncmdline=a.txt\n[gpio4=1]\ncmdline=b.txt", ["cmdline.txt", "a.txt", "b.txt"]),
    ("[0x12345678]\ncmdline=a.txt", ["cmdline.txt", "a.txt"]),
    ("[board-type=0x14]\ncmdline=a.txt", ["cmdline.txt", "a.txt"]),
    ("[tryboot]\ncmdline=a.txt\n[all]", ["cmdline.txt", "a.txt"]), ("#cmdline=a.txt", ["cmdline.txt"]),
    ("cmdline=a.txt # note", ["a.txt"]), ("cmdline=a.txt#1", ["a.txt", "a.txt#1"]),
    ("include inc.txt", ["a.txt"]), ("include INC.TXT\ncmdline=b.txt", ["b.txt"]),
    ("[pi4]\ninclude inc.txt", ["cmdline.txt", "a.txt"]), ("[none]\ninclude inc.txt", ["cmdline.txt"]),
    // Whether a filter of an included file outlives it is not known.
    ("include filter.txt\ncmdline=a.txt", ["cmdline.txt", "a.txt"]),
    ("include filter.txt\n[all]\ncmdline=a.txt", ["a.txt"]),
    ("os_prefix=current/", ["current/cmdline.txt"]), ("os_prefix=current/\ncmdline=/a.txt", ["a.txt"]),
    ("os_prefix=old-", ["old-cmdline.txt", "cmdline.txt"]), ("os_prefix=none/", ["cmdline.txt"]),
    ("[pi4]\nos_prefix=current/", ["cmdline.txt", "current/cmdline.txt"]),
  ])
  func `the files that the firmware may read`(config: String, expected: [String]) throws {
    let files = [
      "config.txt": config, "cmdline.txt": "c", "a.txt": "a", "b.txt": "b", "a.txt#1": "a",
      "inc.txt": "cmdline=a.txt\n",
      "filter.txt": "[pi4]\nx=1\n", "current/cmdline.txt": "p", "current/vmlinuz": "k",
      "current/bcm2711-rpi-4-b.dtb": "d",
      "old-cmdline.txt": "o",
    ]
    #expect(try lines(files).found == expected)
  }

  @Test func `what is not there, and what never ends, is told`() throws {
    #expect(
      try lines(["config.txt": "cmdline=no.txt", "cmdline.txt": "c"]).missing == ["config.txt:1: cmdline=no.txt"])
    let loop = try tree(["config.txt": "include a.txt", "a.txt": "include b.txt", "b.txt": "x=1\ninclude config.txt\n"])
    #expect(
      try FirmwareConfiguration(loop).problems == ["b.txt:2 includes config.txt, which leads back to itself"])
    #expect(
      try FirmwareConfiguration(tree(["config.txt": "include gone.txt"])).problems
        == ["config.txt:1 includes gone.txt, which is not there"])
    // Two lines that include the next file double with every file.
    var bomb: [String: String] = ["config.txt": "include 1.txt\ninclude 1.txt"]
    for index in 1...12 { bomb["\(index).txt"] = "include \(index + 1).txt\ninclude \(index + 1).txt" }
    #expect(try !FirmwareConfiguration(tree(bomb)).problems.isEmpty)
  }

  private func line(_ change: (inout StockTrees) throws -> Void) throws -> (trees: StockTrees, warnings: [String]) {
    var stock = try StockTrees(.bookworm)
    try change(&stock)
    let (trees, warnings) = try stock.applying(recipe())
    return (trees, warnings.map(\.description))
  }

  @Test func `Ubuntu's config.txt bakes, and os_prefix is followed`() throws {
    let ubuntu = try line {
      try $0.putBoot(
        "config.txt",
        "[all]\nkernel=vmlinuz\ncmdline=cmdline.txt\ninitramfs initrd.img followkernel\n[pi4]\narm_boost=1\n")
    }
    #expect(try ubuntu.trees.boot.string("cmdline.txt")?.contains("root=PARTUUID=c1f95d14-01") == true)
    let prefixed = try line {
      try $0.putBoot("config.txt", "os_prefix=current/\n")
      for name in ["kernel8.img", "bcm2711-rpi-4-b.dtb"] {
        try $0.putBoot(try #require(TreePath("current/\(name)")), "x")
      }
      try $0.putBoot("current/cmdline.txt", "root=LABEL=writable\n")
      #expect(StockImage(boot: $0.boot, root: $0.root).firstBoot == .none)
    }
    #expect(try prefixed.trees.boot.string("current/cmdline.txt") == "root=PARTUUID=c1f95d14-01 rootwait\n")
    #expect(try prefixed.trees.boot.string("cmdline.txt") == Stock.bookwormLine)
  }

  @Test func `every line that some start reads is edited, a tryboot start's too`() throws {
    let node = try line {
      try $0.putBoot("config.txt", "[pi5]\ncmdline=five.txt\n[all]\n[tryboot]\ncmdline=try.txt\n[all]\n")
      for name in ["five.txt", "try.txt"] {
        try $0.putBoot(TreePath().appending(text: name), "root=/dev/mmcblk0p2 rootwait")
      }
    }
    for name in ["five.txt", "try.txt"] {
      #expect(try node.trees.boot.string(TreePath().appending(text: name)) == "root=PARTUUID=c1f95d14-01 rootwait\n")
    }
    #expect(try node.trees.boot.string("cmdline.txt")?.contains("c1f95d14-01") == true)
    #expect(node.warnings.contains { $0.hasPrefix("config.txt:5: cmdline=try.txt counts on a tryboot start only") })
  }

  @Test func `a command line that is not there is refused by file and line`() throws {
    let error = #expect(throws: RaspberryPiOSError.self) {
      try line { try $0.putBoot("config.txt", "\ncmdline=no.txt\n") }
    }
    #expect(error?.kind == .unsupported)
    #expect(error?.said.contains("config.txt:2: cmdline=no.txt") == true)
  }

  @Test func `lines and files of the recipe may lead elsewhere`() throws {
    var stock = try StockTrees(.bookworm)
    try stock.putBoot("other.txt", "console=tty1\n")
    let appended = try stock.applying(recipe { $0.boot.configText = ["cmdline=other.txt"] })
    #expect(try appended.trees.boot.string("other.txt") == "console=tty1 root=PARTUUID=c1f95d14-01 rootwait\n")
    let placed = try stock.applying(
      recipe { $0.files = [file("/boot/firmware/config.txt", .content("cmdline=other.txt\n"))] })
    #expect(
      placed.warnings.map(\.description)
        .contains("[[files]] make the firmware read other.txt, which is left as the recipe has it"))
  }

  @Test func `the initramfs goes from included files too where the kernel mounts NFS 4`() throws {
    var stock = try StockTrees(.bookworm)
    try stock.putBoot("config.txt", "include more.txt\n")
    try stock.putBoot("more.txt", "auto_initramfs=1\narm_64bit=1\n")
    let node = try stock.applying(recipe(root: .nfs, nfs: .v4_1)).trees
    #expect(try node.boot.string("more.txt") == "arm_64bit=1\n")
  }

  @Test func `an autoboot.txt that names other partitions goes`() throws {
    let node = try line {
      try $0.putBoot("autoboot.txt", "[all]\ntryboot_a_b=1\nboot_partition=2\n[tryboot]\nboot_partition=3\n")
    }
    #expect(!node.trees.boot.has("autoboot.txt"))
    #expect(
      node.warnings.contains { $0.contains("autoboot.txt:3: boot_partition=2, autoboot.txt:5: boot_partition=3") })
    let kept = try line { try $0.putBoot("autoboot.txt", "boot_partition=1\n") }
    #expect(kept.trees.boot.has("autoboot.txt"))
  }
}
