import Bytes
import FileTree
import Recipe

extension NodeSystem {
  private static let zramGenerator: TreePath = "usr/lib/systemd/system-generators/zram-generator"

  /// Tells the image's swap manager what the recipe wants: rpi-swap since trixie, dphys-swapfile before it, or
  /// zram-generator.
  mutating func setSwap(_ swap: MountSettings.Swap, place: RecipePlace?) throws(RaspberryPiOSError) {
    if case .file(let path, let size) = swap {
      if case .nfs = topology.root {
        throw .recipe(
          "[swap]: a file on a root over NFS cannot be swapped to", place: place,
          hint: "zram swaps to compressed memory")
      }
      guard size > 0, path.map({ $0.hasPrefix("/") && $0.words == [$0] && TreePath($0) != nil }) ?? true else {
        throw .recipe("[swap]: expected a size above 0, and an absolute path without blanks", place: place)
      }
    }
    if root.has("etc/rpi/swap.conf") {
      try root.write(NodeSystem.rpiSwap(swap), to: "etc/rpi/swap.conf.d/50-pibake.conf", time: time)
    } else if root.has("etc/dphys-swapfile"), try setDphysSwapFile(swap) {
      return
    } else if root.has(NodeSystem.zramGenerator), let text = NodeSystem.zramGeneratorText(swap) {
      try root.write(text, to: "etc/systemd/zram-generator.conf.d/50-pibake.conf", time: time)
    } else if swap != .none {
      let other = if case .zram = swap { "zram-generator" } else { "dphys-swapfile" }
      warn("[swap] is left out: the image has neither rpi-swap nor \(other)", at: place)
    }
  }

  /// swap.conf(5) of rpi-swap.
  private static func rpiSwap(_ swap: MountSettings.Swap) -> String {
    var lines = ["# Written by pibake.", "[Main]"]
    switch swap {
    case .none: lines.append("Mechanism=none")
    case .zram(let size):
      lines.append("Mechanism=zram")
      if let size { lines += ["", "[Zram]", "FixedSizeMiB=\(size)"] }
    case .file(let path, let size):
      lines += ["Mechanism=swapfile", "", "[File]"]
      if let path { lines.append("Path=\(path)") }
      lines.append("FixedSizeMiB=\(size)")
    }
    return lines.map { $0 + "\n" }.joined()
  }

  /// Writes dphys-swapfile(8)'s settings, or switches it off for what it cannot do.
  ///
  /// - Returns: whether that is all that the recipe wants.
  private mutating func setDphysSwapFile(_ swap: MountSettings.Swap) throws(RaspberryPiOSError) -> Bool {
    guard case .file(let path, let size) = swap else {
      let hasGenerator = root.has(NodeSystem.zramGenerator)
      if swap == .none || hasGenerator { try disable("dphys-swapfile.service") }
      return swap == .none && !hasGenerator
    }
    try edit("etc/dphys-swapfile") { file throws(RaspberryPiOSError) in
      // CONF_MAXSWAP, 2048 by default, would cut a larger size.
      var values = [("CONF_SWAPSIZE", "\(size)"), ("CONF_MAXSWAP", "\(max(size, 2048))")]
      if let path { values.append(("CONF_SWAPFILE", path)) }
      for (key, value) in values {
        let set = file.indices.filter { file[$0].trimmed.hasPrefix("\(key)=") }
        for index in set { file[index] = "\(key)=\(value)" }
        if set.isEmpty { file.set("\(key)=\(value)") { $0.trimmed.hasPrefix("#\(key)=") } }
      }
    }
    if root.unitPath("dphys-swapfile.service") != nil { try root.enableUnit("dphys-swapfile.service", time: time) }
    return true
  }

  /// zram-generator.conf(5), where it does what the recipe wants.
  private static func zramGeneratorText(_ swap: MountSettings.Swap) -> String? {
    switch swap {
    case .file: nil
    case .none: "# Written by pibake.\n[zram0]\nzram-size = 0\n"
    case .zram(let size): "# Written by pibake.\n[zram0]\n" + (size.map { "zram-size = \($0)\n" } ?? "")
    }
  }
}
