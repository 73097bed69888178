import Bytes

// The node's root is ext4, whatever the stock root was: all that describes it must say so.
extension NodeSystem {
  /// Corrects type and options of the lines that mount the root.
  mutating func describeRootAsExt4(in fstab: inout Fstab) {
    for entry in fstab.entries where entry.isMounted(at: "/") && !MountOptions.admitsExt4(entry.type) {
      let (kept, refused) = MountOptions.forExt4(entry.options)
      if !refused.isEmpty {
        warn("\(entry.place): the root is ext4 now, which refuses \(NodeSystem.list(refused)): left out")
        fstab.set(.options, of: entry, to: kept.isEmpty ? "defaults" : kept)
      }
      fstab.set(.type, of: entry, to: "ext4")
    }
  }

  /// Corrects `rootfstype=` and `rootflags=` of the command line in the file `name`.
  mutating func describeRootAsExt4(in line: inout KernelCommandLine, _ name: String) {
    guard let type = line.value(of: "rootfstype"), !MountOptions.admitsExt4(type) else { return }
    line.replace(["rootfstype"], with: ["rootfstype=ext4"])
    guard let flags = line.value(of: "rootflags") else { return }
    let (kept, refused) = MountOptions.forExt4(flags)
    guard !refused.isEmpty else { return }
    warn("\(name): the root is ext4 now, which refuses \(NodeSystem.list(refused)) of rootflags=: left out")
    line.replace(["rootflags"], with: kept.isEmpty ? [] : ["rootflags=\(kept)"])
  }

  private static func list(_ options: [String]) -> String { options.map(\.printable).joined(separator: ",") }
}
