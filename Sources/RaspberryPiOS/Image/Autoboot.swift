import Bytes
import FileTree

extension NodeSystem {
  /// Removes an autoboot.txt that sends the firmware to a partition which the node does not have: its only boot
  /// partition is the first, where the firmware looks without the file.
  mutating func editAutoboot() throws(RaspberryPiOSError) {
    let path = boot.pathIgnoringCase("autoboot.txt")
    let others = try FirmwareConfiguration(boot, from: "autoboot.txt").settings
      .filter { $0.key == "boot_partition" && $0.value != "1" }
    guard !others.isEmpty else { return }
    try boot.removeIfPresent(path)
    warn(
      "autoboot.txt is removed, because the node has one boot partition only: "
        + others.map(\.description).joined(separator: ", "))
  }
}
