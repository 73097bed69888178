import FileTree

@testable import RaspberryPiOS

/// Small trees in the shape of Raspberry Pi OS: the files that pibake reads or edits are word for word those of the
/// images, the rest is left out.
struct StockTrees {
  enum Dialect: String, CaseIterable, Sendable {
    case bookworm, trixie
  }

  var boot: FileTree
  var root: FileTree

  /// When the image was made, and when the node is.
  static let stockTime = Timestamp(seconds: 1_747_094_400)
  static let time = Timestamp(seconds: 1_760_000_000)

  init(_ dialect: Dialect) throws {
    let folder = Inode(mode: 0o755, time: StockTrees.stockTime, body: .directory(Directory()))
    boot = FileTree(flavor: .fat, inode: folder)
    root = FileTree(inode: folder)
    try skeleton()
    try accounts(dialect)
    try services(dialect)
    try bootFiles(dialect)
  }

  mutating func put(_ path: TreePath, _ text: String, mode: UInt16 = 0o644, uid: UInt32 = 0, gid: UInt32 = 0) throws {
    let content = FileContent(bytes: Array(text.utf8))
    let inode = Inode(mode: mode, uid: uid, gid: gid, time: StockTrees.stockTime, body: .file(content))
    try root.put(inode, at: path, makingFolders: StockTrees.stockTime)
  }

  mutating func putBoot(_ path: TreePath, _ text: String) throws {
    var inode = Inode(mode: 0o755, time: StockTrees.stockTime, body: .file(FileContent(bytes: Array(text.utf8))))
    inode.attributes = .archive
    try boot.put(inode, at: path, makingFolders: StockTrees.stockTime)
  }

  mutating func folder(_ path: TreePath, mode: UInt16 = 0o755, uid: UInt32 = 0, gid: UInt32 = 0) throws {
    let inode = Inode(mode: mode, uid: uid, gid: gid, time: StockTrees.stockTime, body: .directory(Directory()))
    try root.put(inode, at: path, makingFolders: StockTrees.stockTime)
  }

  mutating func link(_ path: TreePath, _ target: String) throws {
    try root.link(path, to: target, time: StockTrees.stockTime)
  }

  private mutating func skeleton() throws {
    for path: TreePath in ["usr/bin", "usr/sbin", "usr/lib", "boot/firmware", "var/lib/dbus", "tmp"] {
      try folder(path)
    }
    for name in ["bin", "sbin", "lib"] { try link(TreePath().appending(text: name), "usr/\(name)") }
    try folder("home/pi", mode: 0o700, uid: 1000, gid: 1000)
    for name in [".bashrc", ".profile"] {
      try put(TreePath("etc/skel").appending(text: name), "# \(name)\n")
      try put(TreePath("home/pi").appending(text: name), "# \(name)\n", uid: 1000, gid: 1000)
    }
    try put("usr/bin/bash", "\u{7f}ELF", mode: 0o755)
    try put("usr/bin/ssh-keygen", "\u{7f}ELF", mode: 0o755)
    try put("etc/hostname", "raspberrypi\n")
    try put("etc/hosts", Stock.hosts)
    for zone in ["Europe/Vienna", "Europe/London", "America/Argentina/Salta"] {
      try put(TreePath("usr/share/zoneinfo/\(zone)") ?? TreePath(), "TZif2")
    }
    try put("etc/timezone", "Europe/London\n")
    try link("etc/localtime", "/usr/share/zoneinfo/Europe/London")
    try put("etc/default/keyboard", Stock.keyboard)
    try put("etc/default/locale", "LANG=en_GB.UTF-8\n")
    try put("etc/console-setup/cached_setup_keyboard.sh", "#!/bin/sh\n", mode: 0o755)
    try put("etc/initramfs-tools/initramfs.conf", "# initramfs.conf\nMODULES=dep\nBUSYBOX=auto\n")
  }

  private mutating func accounts(_ dialect: Dialect) throws {
    try put("etc/passwd", Stock.passwd)
    try put("etc/shadow", Stock.shadow, mode: 0o640, gid: 42)
    try put("etc/group", Stock.group)
    try put("etc/gshadow", Stock.gshadow, mode: 0o640, gid: 42)
    try put("etc/subuid", "pi:100000:65536\n")
    try put("etc/subgid", "pi:100000:65536\n")
    // Since April 2026 images ask for a password.
    if dialect == .bookworm { try put("etc/sudoers.d/010_pi-nopasswd", "pi ALL=(ALL) NOPASSWD: ALL\n", mode: 0o440) }
  }

  private mutating func services(_ dialect: Dialect) throws {
    let prefix = dialect == .bookworm ? "/lib/systemd/system" : "/usr/lib/systemd/system"
    let units: TreePath = "usr/lib/systemd/system"
    for (name, text) in Stock.units { try put(units.appending(text: name), text) }
    try link(
      "etc/systemd/system/multi-user.target.wants/userconfig.service", "\(prefix)/userconfig.service")
    try firstStart(dialect)
    try folder("etc/systemd/system/getty.target.wants")
    try put("etc/ssh/sshd_config", Stock.sshdConfig)
    try put("etc/ssh/sshd_config.d/rename_user.conf", "Banner /usr/share/userconf-pi/sshd_banner\n")
    try put("etc/machine-id", dialect == .bookworm ? "" : "uninitialized\n", mode: 0o444)
    let (number, name) = dialect == .bookworm ? ("12", "bookworm") : ("13", "trixie")
    try put(
      "usr/lib/os-release",
      "PRETTY_NAME=\"Debian GNU/Linux \(number) (\(name))\"\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"\(number)\"\n"
        + "VERSION_CODENAME=\(name)\nID=debian\n")
    try link("etc/os-release", "../usr/lib/os-release")
    try put("etc/rpi-issue", "Raspberry Pi reference 2025-05-13\nGenerated using pi-gen, stage2\n")
    guard dialect == .trixie else { return }
    try put("usr/bin/cloud-init", "#!/usr/bin/python3\n", mode: 0o755)
    try putBoot("user-data", "#cloud-config\n# hostname: raspberrypi\n")
    try putBoot("meta-data", "dsmode: local\ninstance_id: rpios-image\n")
    try putBoot("network-config", "# network:\n")
  }

  private mutating func bootFiles(_ dialect: Dialect) throws {
    try put("etc/fstab", Stock.fstab)
    try putBoot("cmdline.txt", dialect == .bookworm ? Stock.bookwormLine : Stock.trixieLine)
    try putBoot("config.txt", Stock.config)
    for name in ["start4.elf", "fixup4.dat", "bcm2711-rpi-4-b.dtb", "bcm2712-rpi-5-b.dtb"] {
      try putBoot(TreePath().appending(text: name), name)
    }
    try putBoot("kernel8.img", "\u{1f}")
    try putBoot("initramfs8", "070701")
    try putBoot("kernel_2712.img", "\u{1f}")
    for version in ["6.12.25+rpt-rpi-v8", "6.12.25+rpt-rpi-2712"] {
      try put(
        TreePath("usr/lib/modules/\(version)/modules.builtin") ?? TreePath(),
        "kernel/fs/ext4/ext4.ko\nkernel/fs/nfs/nfs.ko\nkernel/fs/nfs/nfsv4.ko\n")
    }
  }
}

/// The stock files, word for word.
enum Stock {
  static let fstab = """
    proc            /proc           proc    defaults          0       0
    PARTUUID=4edc4c69-01  /boot/firmware  vfat    defaults          0       2
    PARTUUID=4edc4c69-02  /               ext4    defaults,noatime  0       1
    # a swapfile is not a swap partition, no line here

    """
  static let bookwormLine =
    "console=serial0,115200 console=tty1 root=PARTUUID=4edc4c69-02 rootfstype=ext4 fsck.repair=yes rootwait quiet "
    + "init=/usr/lib/raspberrypi-sys-mods/firstboot\n"
  static let trixieLine =
    "console=serial0,115200 console=tty1 root=PARTUUID=4edc4c69-02 rootfstype=ext4 fsck.repair=yes rootwait resize\n"
  static let config = """
    # For more options and information see
    # http://rptl.io/configtxt
    dtparam=audio=on
    camera_auto_detect=1

    # Automatically load initramfs files, if found
    auto_initramfs=1
    [cm4]
    otg_mode=1

    [all]

    """
  static let hosts = """
    127.0.0.1\tlocalhost
    ::1\t\tlocalhost ip6-localhost ip6-loopback

    127.0.1.1\t\traspberrypi

    """
  static let keyboard = """
    # KEYBOARD CONFIGURATION FILE

    XKBMODEL="pc105"
    XKBLAYOUT="gb"
    XKBVARIANT=""
    XKBOPTIONS=""

    """
  static let passwd = """
    root:x:0:0:root:/root:/bin/bash
    daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
    nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
    sshd:x:102:65534::/run/sshd:/usr/sbin/nologin
    pi:x:1000:1000:,,,:/home/pi:/bin/bash

    """
  static let shadow = """
    root:*:20221:0:99999:7:::
    daemon:*:20221:0:99999:7:::
    nobody:*:20221:0:99999:7:::
    sshd:!:20221::::::
    pi:!:20221:0:99999:7:::

    """
  static let group = """
    root:x:0:
    adm:x:4:pi
    sudo:x:27:pi
    video:x:44:pi
    games:x:60:pi
    users:x:100:pi
    gpio:x:986:pi
    pi:x:1000:

    """
  static let gshadow = """
    root:*::
    adm:*::pi
    sudo:*::pi
    video:*::pi
    games:*::pi
    users:*::pi
    gpio:!::pi
    pi:!::

    """
  static let sshdConfig = "# sshd_config\nInclude /etc/ssh/sshd_config.d/*.conf\n\nKbdInteractiveAuthentication no\n"
  static let units = [
    ("ssh.service", "[Unit]\nAfter=network.target\n\n[Install]\nWantedBy=multi-user.target\nAlias=sshd.service\n"),
    ("getty@.service", "[Unit]\n[Install]\nWantedBy=getty.target\nDefaultInstance=tty1\n"),
    ("userconfig.service", "[Unit]\n[Install]\nWantedBy=multi-user.target\n"),
  ]
}
