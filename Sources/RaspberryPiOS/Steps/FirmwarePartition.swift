import FileTree
import Recipe

// A node that gets its boot files over the network has no firmware partition, for which several parts of an image look.
extension NodeSystem {
  /// Gives those that look for the firmware partition an answer with which no unit and no package fails.
  mutating func replaceFirmwarePartition() throws(RaspberryPiOSError) {
    guard topology.bootPartition == nil else { return }
    try setFirmwareFolder()
    try holdKernels()
  }

  /// Names the empty mount point as the firmware's folder. get_fw_loc, which looks for a mount otherwise, ends with an
  /// error where there is none, and sshswitch.service with it at every start; userconf-service, wifi-check.sh and
  /// rpi-eeprom-update ask it too, and need no more than a folder that exists.
  private mutating func setFirmwareFolder() throws(RaspberryPiOSError) {
    guard root.has("usr/lib/raspberrypi-sys-mods/get_fw_loc") else { return }
    if !root.has(bootMountPoint) {
      do {
        try root.makeDirectory(bootMountPoint, like: Inode(mode: 0o755, time: time, body: .directory(Directory())))
      } catch { throw .tree(error) }
    }
    var file = try root.text(at: "etc/default/raspberrypi-sys-mods") ?? TextFile()
    file.set("FWLOC=\(bootMountPoint)") { $0.hasPrefix("FWLOC=") || $0.hasPrefix("#FWLOC=") }
    try root.write(file.bytes, to: "etc/default/raspberrypi-sys-mods", time: time)
  }

  /// Keeps apt from kernels that cannot reach the server's folder. The hooks of raspi-firmware end with an error where
  /// /boot/firmware is not mounted, and leave dpkg with half-configured packages (raspberrypi/firmware#1842); modules
  /// of bullseye's raspberrypi-kernel would no longer fit the kernel that the server hands out.
  private mutating func holdKernels() throws(RaspberryPiOSError) {
    guard let bytes = try root.bytes(at: "var/lib/dpkg/status") else { return }
    var status = DpkgStatus(bytes)
    status.hold { name in
      name.hasPrefix("linux-image-")
        || ["raspi-firmware", "raspberrypi-kernel", "raspberrypi-bootloader"].contains(name)
    }
    guard !status.held.isEmpty else { return }
    try root.write(status.bytes, to: "var/lib/dpkg/status", time: time)
    // Other packages have the initramfs made anew, which ends in the same hook.
    try edit("etc/initramfs-tools/update-initramfs.conf") { file throws(RaspberryPiOSError) in
      file.set("update_initramfs=no") { $0.hasPrefix("update_initramfs=") }
    }
    warn(
      "the node's boot files are on the server, out of its own reach: the kernel packages \(status.held.joined(separator: ", ")) "
        + "are on hold and update-initramfs is off; build the node again for another kernel")
  }
}
