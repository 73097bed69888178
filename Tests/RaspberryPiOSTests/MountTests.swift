import Bytes
import FileTree
import Recipe
import SystemPackage
import TestSupport
import Testing

@testable import RaspberryPiOS

struct MountTests {
  private func node(
    _ settings: MountSettings, _ stock: StockTrees? = nil, boot: BootSettings.Source = .tftp
  ) throws -> (trees: StockTrees, warnings: [String]) {
    try (stock ?? StockTrees(.bookworm)).afterStep(of: recipe(boot: boot)) { system throws(RaspberryPiOSError) in
      try system.editMounts(settings)
    }
  }

  private static let mounts = [
    MountSettings.Mount(
      what: "LABEL=data", mountPoint: "/srv/my data/", type: "ext4", options: ["noatime", "nofail"], pass: 2),
    MountSettings.Mount(what: "192.168.7.1:/srv/a\\b", mountPoint: "/media/share\tone", type: "nfs"),
    MountSettings.Mount(what: "#odd", mountPoint: "/opt/odd", type: "ext4", dump: 1),
  ]

  @Test func `lines are those of the recipe, with blanks escaped`() throws {
    let (node, warnings) = try node(
      MountSettings(
        mounts: Self.mounts,
        tmpfs: [.init(mountPoint: "/var/log", size: "64M", mode: 0o755), .init(mountPoint: "/run/scratch")]))
    #expect(
      try node.root.string("etc/fstab")
        == Stock.fstab + """
          LABEL=data /srv/my\\040data ext4 noatime,nofail 0 2
          192.168.7.1:/srv/a\\134b /media/share\\011one nfs defaults 0 0
          \\043odd /opt/odd ext4 defaults 1 0
          tmpfs /var/log tmpfs nosuid,nodev,size=64M,mode=755 0 0
          tmpfs /run/scratch tmpfs nosuid,nodev 0 0

          """)
    #expect(
      warnings == [
        "[[mounts]] /media/share\tone: the image has no mount.nfs (package nfs-common), so that it cannot be mounted"
      ])
    for path: TreePath in ["srv/my data", "media/share\tone", "opt/odd", "var/log"] {
      #expect(node.root.inode(at: path)?.mode == 0o755)
    }
    #expect(!node.root.has("run/scratch"))
  }

  @Test(.enabled(if: Tool.arePresent("findmnt"), "findmnt is missing"))
  func `findmnt reads the lines as they were meant`() async throws {
    let folder = try TemporaryFolder()
    let (node, _) = try node(MountSettings(mounts: Self.mounts))
    try node.root.write("etc", to: folder.path)
    let table = folder.appending("fstab").string
    let shown = try await Tool.run(
      "findmnt",
      ["--tab-file", table, "--list", "--json", "--output", "SOURCE,TARGET,FSTYPE,OPTIONS,FREQ,PASSNO"])
    let values = shown.standardOutput.split(separator: "\n").map(\.trimmed).filter { $0.contains("\": ") }
      .map { $0.drop { $0 != ":" }.dropFirst(2) }.map { $0.hasSuffix(",") ? String($0.dropLast()) : String($0) }
    #expect(
      values.suffix(18) == [
        "\"LABEL=data\"", "\"/srv/my data\"", "\"ext4\"", "\"noatime,nofail\"", "0", "2",
        "\"192.168.7.1:/srv/a\\\\b\"", "\"/media/share\\tone\"", "\"nfs\"", "\"defaults\"", "0", "0",
        "\"#odd\"", "\"/opt/odd\"", "\"ext4\"", "\"defaults\"", "1", "0",
      ], "\(shown.output)")
    let verified = try await Tool.run("findmnt", ["--verify", "--tab-file", table])
    #expect(verified.output.contains("0 parse errors"), "\(verified.output)")
  }

  @Test(
    arguments: [
      ("/", "[root]"), ("/boot/firmware", "[boot]"), ("relative", "absolute"), ("/a/../b", "absolute"),
      ("", "absolute"),
    ])
  func `a mount point that is another table's, or none, is refused at its place`(path: String, word: String) throws {
    let error = #expect(throws: RaspberryPiOSError.self) {
      try node(
        MountSettings(mounts: [.init(what: "LABEL=a", mountPoint: path, type: "ext4", place: place())]), boot: .card)
    }
    #expect(error?.kind == .usage)
    #expect(error?.said.hasPrefix("nog.toml:3:1: [[mounts]]") == true)
    #expect(error?.said.contains(word) == true)
  }

  @Test func `one mount point twice is refused with both places`() throws {
    let error = #expect(throws: RaspberryPiOSError.self) {
      try node(
        MountSettings(
          mounts: [.init(what: "LABEL=a", mountPoint: "/data", type: "ext4", place: place(4))],
          tmpfs: [.init(mountPoint: "/data/", place: place(9))]))
    }
    #expect(error?.said == "nog.toml:9:1: [[mounts]] mount two file systems at /data/, and at nog.toml:4:1")
  }

  @Test func `a mount point of the image's own fstab is refused`() throws {
    var stock = try StockTrees(.bookworm)
    try stock.put("etc/fstab", Stock.fstab + "LABEL=x /my\\040data ext4 defaults 0 2\n")
    let error = #expect(throws: RaspberryPiOSError.self) {
      try node(MountSettings(mounts: [.init(what: "LABEL=a", mountPoint: "/my data", type: "ext4")]), stock)
    }
    #expect(error?.said == "[[mounts]] /my data: /etc/fstab:5 of the image mounts LABEL=x there")
  }

  @Test func `a mount point that is a file is refused, and a field with a line break`() throws {
    #expect(throws: RaspberryPiOSError.self) {
      try self.node(MountSettings(mounts: [.init(what: "LABEL=a", mountPoint: "/etc/hosts", type: "ext4")]))
    }
    for what in ["", "a\nb"] {
      #expect(throws: RaspberryPiOSError.self) {
        try self.node(MountSettings(mounts: [.init(what: what, mountPoint: "/data", type: "ext4")]))
      }
    }
    let (node, _) = try node(
      MountSettings(mounts: [.init(what: "LABEL=a", mountPoint: "/data", type: "ext4", makesFolder: false)]))
    #expect(!node.root.has("data"))
  }

  @Test func `a disk whose absence would end the start is told`() throws {
    for (what, options, isTold) in [
      ("LABEL=a", [], true), ("/dev/sda1", ["noatime"], true), ("UUID=1", ["noatime,nofail"], false),
      ("LABEL=a", ["noauto", "x"], false), ("/srv/a", ["bind"], false), ("192.168.7.1:/a", [], false),
    ] as [(String, [String], Bool)] {
      let (_, warnings) = try node(
        MountSettings(mounts: [.init(what: what, mountPoint: "/data", type: "ext4", options: options, place: place())]))
      #expect(
        warnings
          == (isTold
            ? [
              "nog.toml:3:1: [[mounts]] /data: without the option nofail, a start without \(what) ends in emergency mode"
            ] : []))
    }
  }

  @Test(arguments: ["", "M", "64MB", "-1", "64M,exec"])
  func `what is no size of a tmpfs is refused`(size: String) throws {
    #expect(throws: RaspberryPiOSError.self) {
      try node(MountSettings(tmpfs: [.init(mountPoint: "/var/log", size: size)]))
    }
  }
}

struct SwapTests {
  private func node(
    _ swap: MountSettings.Swap, _ stock: StockTrees, nfs: Bool = false
  ) throws -> (trees: StockTrees, warnings: [String]) {
    try stock.afterStep(of: recipe(root: nfs ? .nfs : .usb)) { system throws(RaspberryPiOSError) in
      try system.editMounts(MountSettings(swap: swap, swapPlace: place()))
    }
  }

  @Test(
    arguments: [
      (.none, "Mechanism=none\n"), (.zram(size: nil), "Mechanism=zram\n"),
      (.zram(size: 512), "Mechanism=zram\n\n[Zram]\nFixedSizeMiB=512\n"),
      (.file(path: nil, size: 1024), "Mechanism=swapfile\n\n[File]\nFixedSizeMiB=1024\n"),
      (.file(path: "/srv/swap", size: 1024), "Mechanism=swapfile\n\n[File]\nPath=/srv/swap\nFixedSizeMiB=1024\n"),
    ] as [(MountSettings.Swap, String)])
  func `rpi-swap gets a drop-in`(swap: MountSettings.Swap, lines: String) throws {
    var stock = try StockTrees(.trixie)
    try stock.put("etc/rpi/swap.conf", "[Main]\n#Mechanism=auto\n")
    let (node, warnings) = try node(swap, stock)
    #expect(warnings.isEmpty)
    #expect(try node.root.string("etc/rpi/swap.conf.d/50-pibake.conf") == "# Written by pibake.\n[Main]\n" + lines)
  }

  private func withDphys() throws -> StockTrees {
    var stock = try StockTrees(.bookworm)
    try stock.put(
      "etc/dphys-swapfile",
      "# CONF_SWAPFILE=/var/swap\n#CONF_SWAPFILE=/var/swap\n#CONF_SWAPSIZE=\nCONF_SWAPSIZE=512\n#CONF_MAXSWAP=2048\n")
    try stock.put("usr/lib/systemd/system/dphys-swapfile.service", "[Install]\nWantedBy=multi-user.target\n")
    try stock.root.enableUnit("dphys-swapfile.service", time: StockTrees.stockTime)
    return stock
  }

  @Test func `dphys-swapfile gets a size and a path, and is off without swap`() throws {
    let (node, warnings) = try node(.file(path: "/srv/swap", size: 4096), withDphys())
    #expect(warnings.isEmpty)
    #expect(
      try node.root.string("etc/dphys-swapfile")
        == "# CONF_SWAPFILE=/var/swap\nCONF_SWAPFILE=/srv/swap\n#CONF_SWAPSIZE=\nCONF_SWAPSIZE=4096\nCONF_MAXSWAP=4096\n"
    )
    #expect(try !self.node(.none, withDphys()).trees.root.isUnitEnabled("dphys-swapfile.service"))
    let zram = try self.node(.zram(size: nil), withDphys())
    #expect(zram.warnings.count == 1)
    #expect(zram.trees.root.isUnitEnabled("dphys-swapfile.service"))
  }

  @Test func `zram-generator takes the place of a file`() throws {
    var stock = try withDphys()
    try stock.put("usr/lib/systemd/system-generators/zram-generator", "\u{7f}ELF", mode: 0o755)
    let (node, warnings) = try node(.zram(size: 512), stock)
    #expect(warnings.isEmpty)
    #expect(!node.root.isUnitEnabled("dphys-swapfile.service"))
    #expect(
      try node.root.string("etc/systemd/zram-generator.conf.d/50-pibake.conf")
        == "# Written by pibake.\n[zram0]\nzram-size = 512\n")
  }

  @Test func `no swap means neither a file nor compressed memory`() throws {
    var stock = try withDphys()
    try stock.put("usr/lib/systemd/system-generators/zram-generator", "\u{7f}ELF", mode: 0o755)
    let (node, warnings) = try node(.none, stock)
    #expect(warnings.isEmpty)
    #expect(!node.root.isUnitEnabled("dphys-swapfile.service"))
    // zram-generator.conf(5): devices with the final size of 0 are discarded.
    #expect(
      try node.root.string("etc/systemd/zram-generator.conf.d/50-pibake.conf")
        == "# Written by pibake.\n[zram0]\nzram-size = 0\n")
  }

  @Test func `an image without a swap manager is told of, and has no swap anyway`() throws {
    let stock = try StockTrees(.bookworm)
    #expect(try node(.none, stock).warnings.isEmpty)
    for swap: MountSettings.Swap in [.zram(size: nil), .file(path: nil, size: 1)] {
      #expect(try node(swap, stock).warnings.first?.hasPrefix("nog.toml:3:1: [swap] is left out") == true)
    }
  }

  @Test func `a swap file on NFS, and one of no size or path, are refused`() throws {
    #expect(throws: RaspberryPiOSError.self) { try node(.file(path: nil, size: 1), withDphys(), nfs: true) }
    #expect(throws: RaspberryPiOSError.self) { try node(.file(path: nil, size: 0), withDphys()) }
    #expect(throws: RaspberryPiOSError.self) { try node(.file(path: "swap", size: 1), withDphys()) }
    #expect(throws: RaspberryPiOSError.self) { try node(.file(path: "/a b", size: 1), withDphys()) }
  }
}
