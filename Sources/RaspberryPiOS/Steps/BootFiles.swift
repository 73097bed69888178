import Bytes
import FileTree
import Recipe

// What the firmware and the kernel read before there is a root: fstab, cmdline.txt, config.txt.
extension NodeSystem {
  /// The most bytes that the kernel takes from the firmware, its final NUL left out (COMMAND_LINE_SIZE of arm64).
  private static let commandLineLimit = 2047

  /// Names the node's own partitions in fstab; lines of what is not on a disk of the node's go.
  mutating func editFstab(_ stock: Fstab) throws(RaspberryPiOSError) {
    var fstab = stock
    switch topology.root {
    case .partition(let partition):
      guard fstab.setDevice("PARTUUID=\(partition)", at: "/") else {
        throw .unsupported("/etc/fstab has no line for /")
      }
      describeRootAsExt4(in: &fstab)
    case .nfs: fstab.remove("/")
    }
    if let mountPoint = stock.bootMountPoint {
      if let partition = topology.bootPartition {
        fstab.setDevice("PARTUUID=\(partition)", at: mountPoint)
      } else {
        // A line for a partition that is not there would hold up every start for 90 seconds.
        fstab.remove(mountPoint)
      }
    } else if topology.bootPartition != nil {
      throw .unsupported("/etc/fstab has no line for /boot/firmware or /boot")
    }
    leaveOutMounts(in: &fstab)
    try root.write(fstab.bytes, to: "etc/fstab", time: time)
  }

  /// Edits every file that the firmware may read the kernel's parameters from.
  ///
  /// - Throws: `.unsupported` if it finds none, with the lines of config.txt that name others.
  mutating func editCommandLines() throws(RaspberryPiOSError) {
    var missing: [String] = []
    for configuration in try firmwareConfigurations() {
      let lines = configuration.commandLines(on: boot)
      missing += lines.missing
      for path in lines.found where !commandLines.contains(path) { commandLines.append(path) }
      for remark in configuration.remarks { warn(remark) }
    }
    guard !commandLines.isEmpty else {
      guard missing.isEmpty else {
        throw .unsupported(
          "the firmware would find no kernel parameters: \(missing.joined(separator: "; ")), which is not there")
      }
      throw .unsupported("the boot partition has no cmdline.txt")
    }
    for setting in missing { warn("\(setting) names no file that is there: a board that reads it gets no parameters") }
    for path in commandLines { try editCommandLine(at: path) }
  }

  /// Points the kernel at the node's root, takes away what randomises a disk's id on first start, and does as
  /// `[boot] cmdline` says.
  private mutating func editCommandLine(at path: TreePath) throws(RaspberryPiOSError) {
    guard let bytes = try boot.bytes(at: path) else { return }
    let name = NodeSystem.name(of: path)
    let file = CommandLineFile(bytes)
    for problem in file.problems { warn("\(name) \(problem)") }
    var line = file.line
    switch topology.root {
    case .partition(let partition):
      line.replace(["root"], with: ["root=PARTUUID=\(partition)"])
      describeRootAsExt4(in: &line, name)
      // A USB disk appears seconds after the kernel first looks for its root.
      if topology.boot != .disk { line.add("rootwait") }
    case .nfs(let server, let folder, let version):
      let options =
        switch version {
        // The klibc nfsmount of the initramfs knows neither proto= nor NFS 4.
        case .v3: "vers=3,tcp"
        case .v4_1: "vers=4.1,proto=tcp"
        }
      for word in ["rootfstype", "rootflags", "fsck.repair", "nfsroot", "ip", "rw", "ro"] { line.remove(word) }
      line.replace(["root"], with: ["root=/dev/nfs", "nfsroot=\(server):\(folder),\(options)", "rw", "ip=dhcp"])
      line.add("rootwait")
    }
    if line.words.contains(where: NodeSystem.isFirstBootInit) {
      // That init takes these away with itself: `quiet` is there for its dialogs, unless a splash screen wants it.
      line.remove("sdhci.debug_quirks2=4")
      if !line.words.contains(where: { $0.contains("splash") }) { line.remove("quiet") }
    }
    line.removeAll(where: NodeSystem.isFirstBoot)
    mendReferences(in: &line, name)
    if let parameter = recipe.network.regulatoryParameter {
      line.remove(NetworkSettings.regulatoryKey)
      line.add(parameter)
    }
    for word in recipe.boot.cmdlineRemove { line.remove(word) }
    for word in recipe.boot.cmdlineAdd { line.add(word) }
    try write(line, to: path)
  }

  /// Writes the kernel's parameters to a file of the boot partition.
  ///
  /// - Throws: `.recipe` if the kernel would cut them.
  mutating func write(_ line: KernelCommandLine, to path: TreePath) throws(RaspberryPiOSError) {
    let length = line.description.utf8.count
    guard length <= NodeSystem.commandLineLimit else {
      throw .recipe(
        "\(NodeSystem.name(of: path)) would be \(length) bytes long; the kernel takes \(NodeSystem.commandLineLimit)",
        hint: "shorten [boot] cmdline.add")
    }
    try boot.write("\(line)\n", to: path, time: time)
  }

  /// Whether a kernel parameter starts work on first boot that pibake does itself: `resize` and firstboot grow the root
  /// and randomise the disk's id; `systemd.run` is how older Imagers configure.
  private static func isFirstBoot(_ word: String) -> Bool {
    word == "resize" || isFirstBootInit(word) || word.hasPrefix("systemd.run=") || word.hasPrefix("systemd.run_")
      || word == "systemd.unit=kernel-command-line.target"
  }

  /// Whether a kernel parameter has the first start's own init run: bookworm's firstboot, or init_resize.sh before it.
  private static func isFirstBootInit(_ word: String) -> Bool {
    word.hasPrefix("init=") && (word.hasSuffix("/firstboot") || word.hasSuffix("/init_resize.sh"))
  }

  /// Appends `[boot] config_txt` and takes the initramfs from a node whose kernel must mount NFS 4 itself.
  mutating func editConfigText() throws(RaspberryPiOSError) {
    if case .nfs(_, _, .v4_1) = topology.root {
      try requireBuiltInNFS4()
      for path in Set(try firmwareConfigurations().flatMap(\.files)).sorted(by: {
        $0.bytes.lexicographicallyPrecedes($1.bytes)
      }) {
        guard let file = try boot.text(at: path) else { continue }
        var config = ConfigText(file)
        config.removeInitramfs()
        try boot.write(config.bytes, to: path, time: time)
      }
    }
    let path = boot.pathIgnoringCase("config.txt")
    let stock = try boot.text(at: path)
    var config = ConfigText(stock ?? TextFile())
    try config.append(recipe.boot.configText)
    guard stock != nil || !recipe.boot.configText.isEmpty else { return }
    try boot.write(config.bytes, to: path, time: time)
  }

  /// The settings of an ordinary start and, where the image has a file for it, of a tryboot start.
  func firmwareConfigurations() throws(RaspberryPiOSError) -> [FirmwareConfiguration] {
    var all = [try FirmwareConfiguration(boot)]
    if boot.has(boot.pathIgnoringCase("tryboot.txt")) {
      all.append(try FirmwareConfiguration(boot, from: "tryboot.txt"))
    }
    return all
  }

  /// NFS 4 needs the kernel's own client before any module can be loaded: the initramfs' nfsmount does 2 and 3 only.
  private mutating func requireBuiltInNFS4() throws(RaspberryPiOSError) {
    var unknown = true
    for kernel in root.names(in: "usr/lib/modules") {
      let path = TreePath("usr/lib/modules").appending(kernel).appending(text: "modules.builtin")
      guard let list = try root.text(at: path) else { continue }
      unknown = false
      if list.firstIndex(where: { $0.trimmed == "kernel/fs/nfs/nfsv4.ko" }) != nil { return }
    }
    guard unknown else {
      throw .unsupported(
        "no kernel of the image has the NFS 4 client built in, as [root] nfs_version = \"4.1\" needs",
        hint: "[root] nfs_version = \"3\" works with the image's initramfs")
    }
    warn("the image does not tell whether its kernels have the NFS 4 client built in, as the root needs")
  }

  /// Keeps the next initramfs of a node that boots from network or USB able to: images ship `MODULES=dep`, which leaves
  /// out what the building machine did not use.
  mutating func editInitramfsSettings() throws(RaspberryPiOSError) {
    guard topology.needsGenericInitramfs else { return }
    try edit("etc/initramfs-tools/initramfs.conf") { file throws(RaspberryPiOSError) in
      if let index = file.firstIndex(where: { $0.trimmed == "MODULES=dep" }) { file[index] = "MODULES=most" }
    }
  }
}
