import FileTree

@testable import RaspberryPiOS

/// The first-start machinery of the images: units with the real ones' conditions, targets and orders, scripts only by
/// name. facts: raspberrypi-sys-mods, openssh-server, systemd, cloud-init, rpi-swap and raspi-firmware of each release.
extension StockTrees {
  mutating func firstStart(_ dialect: Dialect) throws {
    let prefix = dialect == .bookworm ? "/lib/systemd/system" : "/usr/lib/systemd/system"
    for (name, text, target) in StockUnits.common + (dialect == .bookworm ? StockUnits.bookworm : StockUnits.trixie) {
      try put(TreePath("usr/lib/systemd/system").appending(text: name), text)
      for target in target {
        try link(
          TreePath("etc/systemd/system").appending(text: "\(target).wants").appending(text: name), "\(prefix)/\(name)")
      }
    }
    // systemd's own is wanted by a link of the package.
    try link("usr/lib/systemd/system/sysinit.target.wants/systemd-firstboot.service", "../systemd-firstboot.service")
    for path: TreePath in ["usr/sbin/sfdisk", "usr/bin/partx", "usr/bin/findmnt", "usr/sbin/parted"] {
      try put(path, "\u{7f}ELF", mode: 0o755)
    }
    for name in ["get_fw_loc", "sshswitch"] {
      try put(TreePath("usr/lib/raspberrypi-sys-mods").appending(text: name), "#!/bin/sh\n", mode: 0o755)
    }
    try put("etc/default/raspberrypi-sys-mods", "# Location of the firmware partition\n\n#FWLOC=\n")
    try put("etc/initramfs-tools/update-initramfs.conf", "update_initramfs=yes\nbackup_initramfs=no\n")
    try put("etc/initramfs/post-update.d/z50-raspi-firmware", "#!/bin/sh\n", mode: 0o755)
    try put("var/lib/dpkg/status", StockUnits.status)
    for path: TreePath in ["etc/xdg/labwc/environment", "usr/share/labwc/environment"] {
      try put(path, "XKB_DEFAULT_MODEL=pc105\nXKB_DEFAULT_LAYOUT=gb\nXKB_DEFAULT_VARIANT=\nXKB_DEFAULT_OPTIONS=\n")
    }
    guard dialect == .trixie else { return }
    try put(
      "etc/cloud/cloud.cfg.d/99_raspberry-pi.cfg",
      "datasource_list: [ NoCloud, None ]\ndatasource:\n  NoCloud:\n    seedfrom: file:///boot/firmware\n"
        + "ssh_deletekeys: false\nssh_genkeytypes: []\n")
    try put("usr/lib/systemd/system-generators/rpi-swap-generator", "#!/bin/sh\n", mode: 0o755)
  }
}

enum StockUnits {
  /// Name, text, and the targets whose wants folder of the administrator holds it.
  typealias Unit = (String, String, [String])

  static let common: [Unit] = [
    (
      "sshswitch.service",
      "[Unit]\nAfter=regenerate_ssh_host_keys.service boot-firmware.mount\n[Service]\nType=oneshot\n"
        + "ExecStart=/usr/lib/raspberrypi-sys-mods/sshswitch\n[Install]\nWantedBy=multi-user.target\n",
      ["multi-user.target"]
    ),
    ("ssh.socket", "[Socket]\nListenStream=22\n[Install]\nWantedBy=sockets.target\n", []),
    (
      "systemd-firstboot.service",
      "[Unit]\nConditionPathIsReadWrite=/etc\nConditionFirstBoot=yes\nDefaultDependencies=no\n", []
    ),
    ("first-boot-complete.target", "[Unit]\nRefuseManualStart=yes\nConditionFirstBoot=yes\n", []),
  ]

  static let bookworm: [Unit] = [
    (
      "regenerate_ssh_host_keys.service",
      "[Unit]\nBefore=ssh.service\nConditionFileIsExecutable=/usr/bin/ssh-keygen\n[Service]\nType=oneshot\n"
        + "ExecStart=/usr/lib/raspberrypi-sys-mods/regenerate_ssh_host_keys\n[Install]\nWantedBy=multi-user.target\n",
      ["multi-user.target"]
    ),
    (
      "dphys-swapfile.service", "[Unit]\nAfter=local-fs.target\n[Install]\nWantedBy=multi-user.target\n",
      ["multi-user.target"]
    ),
  ]

  static let trixie: [Unit] = [
    (
      "regenerate_ssh_host_keys.service",
      "[Unit]\nDefaultDependencies=no\nAfter=systemd-remount-fs.service\nConditionFirstBoot=yes\n"
        + "Before=first-boot-complete.target ssh.service\n[Install]\nWantedBy=sysinit.target\n", ["sysinit.target"]
    ),
    (
      "sshd-keygen.service",
      "[Unit]\nConditionFirstBoot=yes\nConditionPathIsReadWrite=/etc/ssh\nBefore=ssh.service sshd.service sshd@.service\n"
        + "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=ssh-keygen -A\n[Install]\n"
        + "WantedBy=ssh.service sshd.service sshd@.service ssh.socket\n",
      ["ssh.service", "sshd.service", "sshd@.service", "ssh.socket"]
    ),
    (
      "rpi-resize.service",
      "[Unit]\nBefore=first-boot-complete.target fstrim.service\nConditionFirstBoot=yes\n"
        + "Wants=first-boot-complete.target systemd-growfs-root.service fstrim.service\n[Service]\nType=oneshot\n"
        + "ExecStart=/usr/bin/true\nExecStartPost=/usr/bin/systemctl disable %n\n[Install]\nWantedBy=sysinit.target\n",
      ["sysinit.target"]
    ),
    (
      "rpi-resize-swap-file.service",
      "[Unit]\nDefaultDependencies=no\nAfter=systemd-remount-fs.service\nRequires=systemd-remount-fs.service\n", []
    ),
  ]

  static let status = packages(kernels: "install")
  static let heldStatus = packages(kernels: "hold")

  /// dpkg's list, with `kernels` as what is wanted of the kernel packages that are installed.
  private static func packages(kernels: String) -> String {
    func stanza(_ name: String, _ status: String, _ description: String = "") -> String {
      "Package: \(name)\nStatus: \(status)\nMaintainer: Nobody <nobody@example.org>\nArchitecture: all\nVersion: 1\n"
        + "Description: \(name)\n\(description)\n"
    }
    return stanza("raspi-firmware", "\(kernels) ok installed")
      + stanza("linux-image-rpi-v8", "\(kernels) ok installed", " Status: install ok installed\n")
      + stanza("linux-image-6.1.0-rpi7-rpi-v8", "deinstall ok config-files")
      + stanza("openssh-server", "install ok installed")
  }
}

extension Warning {
  /// What a node without a boot partition is told.
  static let heldKernels = Warning(
    "the node's boot files are on the server, out of its own reach: the kernel packages raspi-firmware, "
      + "linux-image-rpi-v8 are on hold and update-initramfs is off; build the node again for another kernel")
}
