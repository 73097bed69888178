import FileTree
import Recipe

// What a stock image does on its first start that would undo or fight the node's settings.
extension NodeSystem {
  /// Switches off the first-start work that pibake does itself, all of it and on every node, and what makes no sense
  /// over NFS. `editCommandLine` takes away what the command line starts, `setHostKeys` what makes host keys.
  mutating func disableFirstBootServices() throws(RaspberryPiOSError) {
    for (name, reader) in [("custom.toml", "init=…/firstboot"), ("firstrun.sh", "systemd.run")]
    where boot.has(boot.pathIgnoringCase(TreePath([]).appending(text: name))) {
      warn("the boot partition holds \(name), which nothing reads any more: \(reader) is gone from cmdline.txt")
    }
    try disableStockGrowth()
    guard !topology.hasRootDisk else { return }
    try disable("dphys-swapfile.service")
    try disableScript("dphys-swapfile")
    // rpi-swap adds a swap file to its compressed memory, here on the server.
    if root.has("usr/lib/systemd/system-generators/rpi-swap-generator") {
      try root.write("[Main]\nMechanism=zram\n", to: "etc/rpi/swap.conf.d/80-pibake.conf", time: time)
    }
  }

  /// Leaves the growing of the root to pibake's unit, or to nobody where the recipe sets a size.
  ///
  /// rpi-resize.service disables itself only where its ConditionFirstBoot holds; until then it pulls in a growfs and a
  /// whole fstrim at every start.
  private mutating func disableStockGrowth() throws(RaspberryPiOSError) {
    for unit in ["rpi-resize.service", "resize2fs_once.service"] { try disable(unit) }
    try disableScript("resize2fs_once")
    // cloud-initramfs-growroot works before systemd, and looks for this file.
    if root.has("usr/share/initramfs-tools/scripts/local-bottom/growroot") {
      try root.write("", to: "etc/growroot-disabled", time: time)
    }
    try edit("etc/fstab") { file throws(RaspberryPiOSError) in
      for index in file.indices {
        let fields = file[index].words
        guard fields.count >= 4, fields[1] == "/", !fields[0].hasPrefix("#") else { continue }
        let options = fields[3].split(separator: ",").filter { $0 != "x-systemd.growfs" }.joined(separator: ",")
        guard options.utf8.count < fields[3].utf8.count else { continue }
        file[index] = file[index].replacing(fields[3], with: options.isEmpty ? "defaults" : options, maxReplacements: 1)
      }
    }
  }

  /// Removes the start links of a System V script.
  private mutating func disableScript(_ name: String) throws(RaspberryPiOSError) {
    for level in ["S", "2", "3", "4", "5"] {
      let folder = TreePath("etc").appending(text: "rc\(level).d")
      for link in root.names(in: folder)
      where link.bytes.first == 0x53 && link.bytes.dropFirst(3).elementsEqual(name.utf8) {
        try root.removeIfPresent(folder.appending(link))
      }
    }
  }
}
