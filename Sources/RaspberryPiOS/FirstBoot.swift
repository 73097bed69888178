import FileTree
import Recipe

// What a stock image does on its first start that would undo or fight the node's settings.
extension NodeSystem {
  /// Takes away what configures on first boot, as far as pibake does that work, and what makes no sense over NFS.
  mutating func quietFirstBoot() throws(RaspberryPiOSError) {
    for (name, reader) in [("custom.toml", "init=…/firstboot"), ("firstrun.sh", "systemd.run")]
    where boot.has(boot.pathIgnoringCase(TreePath([]).appending(text: name))) {
      warn("the boot partition holds \(name), which nothing reads any more: \(reader) is gone from cmdline.txt")
    }
    guard !topology.hasRootDisk else { return }
    for unit in ["dphys-swapfile.service", "rpi-resize.service"] { try disable(unit) }
    try disableScript("resize2fs_once")
    try disableScript("dphys-swapfile")
    // rpi-swap puts a swap file behind its compressed memory, here on the server.
    if root.has("usr/lib/systemd/system-generators/rpi-swap-generator") {
      try root.write("[Main]\nMechanism=zram\n", to: "etc/rpi/swap.conf.d/80-pibake.conf", time: time)
    }
  }

  /// Keeps disabled units so on a start that systemd takes for the first one: it then enables all that no preset
  /// disables (systemd.preset(5), machine-id(5)).
  mutating func presetDisabledUnits() throws(RaspberryPiOSError) {
    guard recipe.system.machineID == .firstBoot, !disabledUnits.isEmpty else { return }
    let text = disabledUnits.map { "disable \($0)\n" }.joined()
    try root.write(text, to: "etc/systemd/system-preset/00-pibake.preset", time: time)
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
