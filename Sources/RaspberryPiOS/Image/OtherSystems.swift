import Bytes
import FileTree

// Images that are not Raspberry Pi OS: taken, with a word on what they lack.
extension NodeSystem {
  /// Says what the image is not, and what of it the firmware would miss.
  mutating func warnOfOtherSystem() throws(RaspberryPiOSError) {
    var lacks: [String] = []
    if !root.has("etc/rpi-issue") {
      let name = StockImage(root: root).title
      lacks.append("it is \(name.printable), without /etc/rpi-issue")
    }
    let names = try bootNames()
    if !names.contains(where: { $0.hasPrefix("start") && $0.hasSuffix(".elf") }) {
      lacks.append("no start*.elf, the firmware of boards before the Pi 5")
    }
    if !names.contains(where: { $0.hasPrefix("bcm2") && $0.hasSuffix(".dtb") }) { lacks.append("no bcm2*.dtb") }
    let wanted = try FirmwareConfiguration(boot).candidates(for: "kernel").compactMap { $0?.names.first?.lowercased() }
    let isKernel = { (name: String) in
      name.hasPrefix("kernel") && name.hasSuffix(".img") || name.hasPrefix("vmlinuz") || wanted.contains(name)
    }
    if !names.contains(where: isKernel) { lacks.append("no kernel*.img and no kernel that config.txt names") }
    guard !lacks.isEmpty else { return }
    warn("the image may not be Raspberry Pi OS: \(lacks.joined(separator: "; "))")
  }

  /// The names, in lower case, at the top of the boot partition and in the folders that `os_prefix` names.
  private func bootNames() throws(RaspberryPiOSError) -> [String] {
    let prefixes = try FirmwareConfiguration(boot).candidates(for: "os_prefix").compactMap { $0?.names.first }
    let folders =
      [TreePath()]
      + prefixes.compactMap { prefix in
        prefix.lastIndex(of: "/").flatMap { TreePath(prefix[..<$0]) }
      }
    return folders.flatMap { boot.names(in: boot.pathIgnoringCase($0)) }
      .map { String(decoding: $0.bytes, as: UTF8.self).lowercased() }
  }
}
