import Bytes
import FileTree
import Recipe

// No file of the node may go on naming the stock disk: such a name is replaced, or the operator is told of it.
extension NodeSystem {
  /// What device names of the stock disk begin with: a card in the slot, and whatever the image calls its own root and
  /// boot partition by.
  static func deviceStems(boot: FileTree, _ fstab: Fstab) throws(RaspberryPiOSError) -> Set<String> {
    var devices = [fstab.device(at: "/"), fstab.bootMountPoint.flatMap { fstab.device(at: $0) }]
    for path in try FirmwareConfiguration(boot).commandLines(on: boot).found {
      guard let bytes = try boot.bytes(at: path) else { continue }
      devices.append(CommandLineFile(bytes).line.value(of: "root"))
    }
    return Set(devices.compactMap { $0.flatMap(DevicePath.stem) } + ["/dev/mmcblk0p"])
  }

  /// Turns the lines of fstab that mount what the node does not have into comments, because every start would wait 90
  /// seconds for each and then end in emergency mode.
  mutating func leaveOutMounts(in fstab: inout Fstab) {
    var leftOut: [(Fstab.Entry, String)] = []
    for entry in fstab.entries {
      let result = references.mending(entry.device)
      if let target = result.gone.first {
        leftOut.append((entry, NodeSystem.reason(target)))
        let use = entry.type == "swap" ? "used it as swap" : "mounted it at \(entry.mountPoint.printable)"
        note(target, "\(entry.place) \(use), and is a comment now")
      } else if result.text != entry.device {
        fstab.set(.device, of: entry, to: result.text)
      } else if topology.boot != .disk, topology.hasRootDisk, DevicePath.stem(of: entry.device) != nil {
        warn("\(entry.place): \(entry.device.printable) may be the node's own disk: name a partition by its UUID")
      }
    }
    fstab.commentOut(leftOut)
  }

  private static func reason(_ target: StockReferences.Target) -> String {
    switch target {
    case .partition(let partition): "\(partition.title) of the stock image is not on this node"
    case .unknown: "a partition of the stock disk, which is not on this node"
    }
  }

  /// Mends the parameters in the file `name`, and takes `resume=` away if its partition is gone.
  mutating func mendReferences(in line: inout KernelCommandLine, _ name: String) {
    var words: [String] = []
    for word in line.words {
      let result = references.mending(word)
      guard let target = result.gone.first else {
        words.append(result.text)
        continue
      }
      guard KernelCommandLine.key(of: word) == "resume" else {
        note(target, "\(name) names it in \(word.printable)")
        words.append(result.text)
        continue
      }
      note(target, "\(name) resumed from it, which is left out")
    }
    // An offset is nothing without its device.
    let isResuming = words.contains { KernelCommandLine.key(of: $0) == "resume" }
    if !isResuming, words.count < line.words.count {
      words.removeAll { KernelCommandLine.key(of: $0) == "resume_offset" }
    }
    line = KernelCommandLine(words.joined(separator: " "))
  }

  /// What a file that names a partition which is gone becomes.
  private enum Remedy {
    /// Its line becomes a comment.
    case comment
    /// Its line becomes `RESUME=none`, which initramfs-tools takes for "do not resume".
    case noResume
    /// The unit is not started.
    case disable(String)
    /// Nothing: only the operator knows.
    case report
  }

  /// Mends the other files that name partitions: crypttab, the initramfs' settings, defaults, mount units, and the texts
  /// on the boot partition.
  mutating func mendReferences() throws(RaspberryPiOSError) {
    try mend("etc/crypttab", .comment)
    try mend("etc/initramfs-tools/conf.d/resume", .noResume)
    try mend("etc/kernel/cmdline", .report)
    for name in root.names(in: "etc/default") { try mend(TreePath("etc/default").appending(name), .report) }
    let units: TreePath = "etc/systemd/system"
    for name in root.names(in: units) {
      let unit = String(decoding: name.bytes, as: UTF8.self)
      guard [".mount", ".swap", ".automount"].contains(where: unit.hasSuffix) else { continue }
      try mend(units.appending(name), .disable(unit))
    }
    for name in boot.names(in: TreePath()) where name.description.lowercased().hasSuffix(".txt") {
      let path = TreePath([name])
      guard !commandLines.contains(path), var file = try boot.text(at: path) else { continue }
      if mend(&file, "\(name)", .report) { try boot.write(file.bytes, to: path, time: time) }
    }
  }

  private mutating func mend(_ path: TreePath, _ remedy: Remedy) throws(RaspberryPiOSError) {
    // A link may lead to a file of a package.
    guard case .file? = root.inode(at: path, followingLast: false)?.body, var file = try root.text(at: path) else {
      return
    }
    let before = stockUses
    if mend(&file, "\(path)", remedy) { try root.write(file.bytes, to: path, time: time) }
    if case .disable(let unit) = remedy, stockUses != before { try disable(unit) }
  }

  /// Returns whether any line has changed.
  private mutating func mend(_ file: inout TextFile, _ name: String, _ remedy: Remedy) -> Bool {
    var isChanged = false
    for index in file.indices {
      let line = file[index]
      if line.trimmed.hasPrefix("#") || line.trimmed.hasPrefix(";") { continue }
      let result = references.mending(line)
      var new = result.text
      if let target = result.gone.first {
        let place = "\(name):\(index + 1)"
        switch remedy {
        case .comment:
          new = "# left out by pibake: \(line)"
          note(target, "\(place) opened it, and is a comment now")
        case .noResume:
          new = "RESUME=none"
          note(target, "\(place) resumed from it, and says none now")
        case .disable: note(target, "\(place) mounted it, and is disabled now")
        case .report: note(target, "\(place) names it, and nothing replaces that: edit it")
        }
      }
      guard new != line else { continue }
      file[index] = new
      isChanged = true
    }
    return isChanged
  }

  private mutating func note(_ target: StockReferences.Target, _ use: String) {
    stockUses[target, default: []].append(use)
  }

  /// Tells the operator of every partition that the node does not get, and of what in the image named it.
  mutating func reportLeftOut() {
    for partition in stock.partitions {
      let uses = stockUses[.partition(partition)] ?? []
      guard partition.role == .leftOut || !uses.isEmpty else { continue }
      let what = "\(partition.title) of the stock image is not on the node"
      warn(uses.isEmpty ? what : "\(what): \(uses.joined(separator: "; "))")
    }
    if let uses = stockUses[.unknown] {
      warn("the stock disk's id stands for nothing on the node: \(uses.joined(separator: "; "))")
    }
  }

  /// "current/cmdline.txt"
  static func name(of path: TreePath) -> String { path.names.map(\.bytes.escaped).joined(separator: "/") }

  /// Warns if files of the recipe lead the firmware to other parameters than those that were edited.
  mutating func checkCommandLines() throws(RaspberryPiOSError) {
    for configuration in try firmwareConfigurations() {
      for path in configuration.commandLines(on: boot).found where !commandLines.contains(path) {
        warn("[[files]] make the firmware read \(NodeSystem.name(of: path)), which is left as the recipe has it")
      }
    }
  }
}
