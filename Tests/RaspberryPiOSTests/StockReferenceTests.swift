import Bytes
import FileTree
import Testing

@testable import RaspberryPiOS
import Recipe

struct StockReferenceTests {
  /// An appliance: boot, settings, root, data, swap.
  private static let layout = StockLayout(
    partitions: [
      .init(
        number: 1, role: .boot, size: 40 << 20, content: "FAT", partUUID: "4edc4c69-01", label: "bootfs",
        uuid: "ABCD-0001"),
      .init(
        number: 2, role: .leftOut, size: 8 << 20, content: "ext4", partUUID: "4edc4c69-02", label: "PIPST",
        uuid: "11111111-2222-3333-4444-555555555555"),
      .init(
        number: 3, role: .root, size: 24 << 20, content: "ext4", partUUID: "4edc4c69-03", label: "my root",
        uuid: "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"),
      .init(number: 4, role: .leftOut, size: 8 << 20, content: "swap", partUUID: "4edc4c69-04"),
    ], diskID: "4edc4c69")

  private func references(boot: Bool = true) -> StockReferences {
    StockReferences(
      Self.layout, boot: boot ? .init(partUUID: "c1f95d14-01", uuid: "1234-5678") : nil,
      root: .init(partUUID: "c1f95d14-02", uuid: "99999999-bbbb-cccc-dddd-eeeeeeeeeeee"), disks: ["/dev/mmcblk0p"])
  }

  @Test(arguments: [
    ("PARTUUID=4EDC4C69-03", "PARTUUID=c1f95d14-02"), ("UUID=abcd-0001", "UUID=1234-5678"),
    (
      "/dev/disk/by-uuid/aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", "/dev/disk/by-uuid/99999999-bbbb-cccc-dddd-eeeeeeeeeeee"
    ),
    ("/dev/mmcblk0p3", "/dev/disk/by-partuuid/c1f95d14-02"), ("/dev/mmcblk0p31", "/dev/mmcblk0p31"),
    ("LABEL=my\\040root", "LABEL=my\\040root"), ("/dev/sda3", "/dev/sda3"), ("x4edc4c69-03", "x4edc4c69-03"),
    ("UUID=ABCD-00012", "UUID=ABCD-00012"), ("", ""),
  ])
  func `names of boot and root become the node's`(text: String, expected: String) {
    #expect(references().mending(text) == .init(text: expected))
  }

  @Test(arguments: [
    "LABEL=PIPST", "LABEL=\"PIPST\"", "/dev/disk/by-label/PIPST", "PARTUUID=4edc4c69-02", "/dev/mmcblk0p2",
    "UUID=11111111-2222-3333-4444-555555555555", "a=/dev/mmcblk0p4,b", "PARTUUID=4edc4c69-07", "0x4edc4c69",
  ])
  func `names of what is left out are found`(text: String) {
    // The last two stand for no partition at all.
    let result = references().mending(text)
    #expect(result.text == text && result.gone.count == (text == "0x4edc4c69" ? 0 : 1))
  }

  @Test func `a label of the boot partition is gone where the boot files come over the network`() {
    #expect(references().mending("LABEL=bootfs").gone.isEmpty)
    #expect(references(boot: false).mending("LABEL=bootfs").gone.count == 1)
    #expect(references(boot: false).mending("PARTLABEL=bootfs LABEL=bootfs2").gone.isEmpty)
  }

  @Test func `a name that the node has too is its own`() {
    let same = StockReferences(
      Self.layout, boot: nil, root: .init(partUUID: "4edc4c69-01", uuid: "x"), disks: [])
    #expect(same.mending("root=PARTUUID=4edc4c69-01") == .init(text: "root=PARTUUID=4edc4c69-01"))
  }

  private func stock() throws -> StockTrees {
    var stock = try StockTrees(.bookworm)
    try stock.put(
      "etc/fstab",
      """
      proc /proc proc defaults 0 0
      PARTUUID=4edc4c69-01  /boot  vfat  defaults 0 2
      LABEL=PIPST /var/lib/kvmd/pst ext4 ro 0 2
      UUID=aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee / ext4 defaults 0 1
      /dev/mmcblk0p4 none swap sw 0 0
      /dev/mmcblk0p3 /mnt/again ext4 ro 0 0
      PARTUUID=4edc4c69-09 /nowhere ext4 ro 0 0
      /swapfile none swap sw 0 0

      """)
    try stock.putBoot(
      "cmdline.txt",
      "root=/dev/mmcblk0p3 rootfstype=ext4 rootwait resume=/dev/mmcblk0p4 resume_offset=4 a=PARTUUID=4edc4c69-02\n")
    try stock.put("etc/crypttab", "data PARTUUID=4edc4c69-02 none luks\n")
    try stock.put("etc/initramfs-tools/conf.d/resume", "RESUME=/dev/mmcblk0p4\n")
    try stock.put("etc/default/tool", "# /dev/mmcblk0p2\nDISK=/dev/mmcblk0p1\nDATA=\"/dev/mmcblk0p2\"\n")
    try stock.put(
      "etc/systemd/system/srv.mount",
      "[Mount]\nWhat=/dev/disk/by-label/PIPST\nWhere=/srv\n[Install]\nWantedBy=local-fs.target\n")
    try stock.link("etc/systemd/system/local-fs.target.wants/srv.mount", "/etc/systemd/system/srv.mount")
    return stock
  }

  @Test func `nothing of the old disk is left, and each partition left out is named`() throws {
    let (node, warnings) = try stock().applying(recipe(boot: .disk, root: .disk), stock: Self.layout)
    #expect(
      try node.root.string("etc/fstab") == """
        proc /proc proc defaults 0 0
        PARTUUID=c1f95d14-01  /boot  vfat  defaults 0 2
        # left out by pibake: partition 2 ("PIPST", ext4, 8 MiB) of the stock image is not on this node
        #LABEL=PIPST /var/lib/kvmd/pst ext4 ro 0 2
        PARTUUID=c1f95d14-02                      / ext4 defaults 0 1
        # left out by pibake: partition 4 (swap, 8 MiB) of the stock image is not on this node
        #/dev/mmcblk0p4 none swap sw 0 0
        /dev/disk/by-partuuid/c1f95d14-02 /mnt/again ext4 ro 0 0
        # left out by pibake: a partition of the stock disk, which is not on this node
        #PARTUUID=4edc4c69-09 /nowhere ext4 ro 0 0
        /swapfile none swap sw 0 0

        """)
    #expect(
      try node.boot.string("cmdline.txt")
        == "root=PARTUUID=c1f95d14-02 rootfstype=ext4 rootwait a=PARTUUID=4edc4c69-02\n")
    #expect(try node.root.string("etc/crypttab") == "# left out by pibake: data PARTUUID=4edc4c69-02 none luks\n")
    #expect(try node.root.string("etc/initramfs-tools/conf.d/resume") == "RESUME=none\n")
    #expect(
      try node.root.string("etc/default/tool")
        == "# /dev/mmcblk0p2\nDISK=/dev/disk/by-partuuid/c1f95d14-01\nDATA=\"/dev/mmcblk0p2\"\n")
    #expect(!node.root.isUnitEnabled("srv.mount"))
    let said = warnings.map(\.description).filter { $0.contains("stock") }
    #expect(
      said == [
        "partition 2 (\"PIPST\", ext4, 8 MiB) of the stock image is not on the node: "
          + "/etc/fstab:3 mounted it at /var/lib/kvmd/pst, and is a comment now; cmdline.txt names it in a=PARTUUID=4edc4c69-02; "
          + "/etc/crypttab:1 opened it, and is a comment now; /etc/default/tool:3 names it, and nothing replaces that: edit it; "
          + "/etc/systemd/system/srv.mount:2 mounted it, and is disabled now",
        "partition 4 (swap, 8 MiB) of the stock image is not on the node: /etc/fstab:5 used it as swap, and is a comment now; "
          + "cmdline.txt resumed from it, which is left out; /etc/initramfs-tools/conf.d/resume:1 resumed from it, and says none now",
        "the stock disk's id stands for nothing on the node: /etc/fstab:7 mounted it at /nowhere, and is a comment now",
      ])
  }

  @Test func `a partition that nothing names is told of all the same`() throws {
    let (_, warnings) = try StockTrees(.trixie).applying(
      recipe(boot: .disk, root: .disk),
      stock: StockLayout(
        partitions: [
          .init(number: 3, role: .leftOut, size: 700, content: "something unknown", partUUID: "x-03", label: "a\u{1B}b")
        ], diskID: "x"))
    #expect(
      warnings.map(\.description)
        .contains("partition 3 (\"a\\u{1b}b\", something unknown, 700 bytes) of the stock image is not on the node"))
  }

  @Test func `devices named by their order are warned of where the root is on USB`() throws {
    var stock = try StockTrees(.bookworm)
    try stock.put("etc/fstab", Stock.fstab + "/dev/sda1 /mnt/usb ext4 nofail 0 0\n")
    let said = { (way: NodeRecipe) in
      try stock.applying(way).warnings.map(\.description).filter { $0.contains("/dev/sda1") }
    }
    #expect(try said(recipe()) == ["/etc/fstab:4: /dev/sda1 may be the node's own disk: name a partition by its UUID"])
    #expect(try said(recipe(boot: .disk, root: .disk)).isEmpty)
  }

  @Test func `a second application changes nothing`() throws {
    let once = try stock().applying(recipe(boot: .disk, root: .disk), stock: Self.layout).trees
    let twice = try once.applying(recipe(boot: .disk, root: .disk), stock: Self.layout).trees
    #expect(try changes(from: once.root, to: twice.root).isEmpty)
    #expect(try changes(from: once.boot, to: twice.boot).isEmpty)
  }
}

struct RootKindTests {
  @Test(arguments: ["ext3", "ext2", "btrfs", "ext3,ext2"])
  func `a root that was of another kind is called ext4 in all places`(kind: String) throws {
    var stock = try StockTrees(.bookworm)
    try stock.put(
      "etc/fstab",
      Stock.fstab.replacing("ext4    defaults,noatime", with: "\(kind)    noatime,subvol=@,data=journal,nofail"))
    try stock.putBoot(
      "cmdline.txt",
      "root=PARTUUID=4edc4c69-02 rootfstype=\(kind) rootflags=data=journal,subvol=@,compress=zstd rootwait\n")
    let (node, warnings) = try stock.applying(recipe())
    #expect(
      try node.boot.string("cmdline.txt")
        == "root=PARTUUID=c1f95d14-01 rootfstype=ext4 rootflags=data=journal rootwait\n")
    let fstab = try #require(try node.root.string("etc/fstab"))
    #expect(Fstab(fstab).entries.last?.type == "ext4")
    #expect(Fstab(fstab).entries.last?.options == "noatime,data=journal,nofail")
    let said = warnings.map(\.description).filter { $0.contains("ext4 now") }
    #expect(
      said == [
        "/etc/fstab:3: the root is ext4 now, which refuses subvol=@: left out",
        "cmdline.txt: the root is ext4 now, which refuses subvol=@,compress=zstd of rootflags=: left out",
      ])
  }

  @Test func `options of a root that was ext4 stay, whatever they are`() throws {
    var stock = try StockTrees(.bookworm)
    try stock.putBoot("cmdline.txt", "root=x rootfstype=ext4 rootflags=new_option rootwait\n")
    try stock.put("etc/fstab", Stock.fstab.replacing("defaults,noatime", with: "new_option"))
    let node = try stock.applying(recipe()).trees
    #expect(try node.boot.string("cmdline.txt")?.contains("rootflags=new_option") == true)
    #expect(try node.root.string("etc/fstab")?.contains("new_option") == true)
  }
}

struct OtherSystemTests {
  @Test func `what an image is not is said, and it is taken`() throws {
    var stock = try StockTrees(.bookworm)
    try stock.put("usr/lib/os-release", "PRETTY_NAME=\"Ubuntu 24.04.1 LTS\"\nID=ubuntu\nVERSION_ID=\"24.04\"\n")
    try stock.root.removeIfPresent("etc/rpi-issue")
    for name in ["start4.elf", "kernel8.img", "kernel_2712.img"] {
      try stock.boot.removeIfPresent(TreePath().appending(text: name))
    }
    let (_, warnings) = try stock.applying(recipe())
    #expect(
      warnings.first?.description
        == "the image may not be Raspberry Pi OS: it is Ubuntu 24.04.1 LTS, without /etc/rpi-issue; no start*.elf, "
        + "the firmware of boards before the Pi 5; no kernel*.img and no kernel that config.txt names")
  }

  @Test func `mode, owner and group of a file on the boot partition have no effect, which is said`() throws {
    let (_, warnings) = try StockTrees(.bookworm).applying(
      recipe { $0.files = [file("/boot/firmware/x", .content("x"), mode: 0o600, owner: "pi", group: "pi")] })
    #expect(
      warnings.map(\.description).filter { $0.contains("FAT") }
        == ["mode", "owner", "group"].map {
          "nog.toml:9:1: \($0) has no effect on /boot/firmware/x: the boot partition is FAT, which has none"
        })
  }
}
