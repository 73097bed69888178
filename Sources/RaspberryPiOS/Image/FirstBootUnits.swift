import Bytes
import FileTree
import Recipe

// Units with ConditionFirstBoot start only where systemd found no machine id. A node of pibake's has an id, or an empty
// file, which is no first boot either (machine-id(5)).
extension NodeSystem {
  /// The units with that condition that pibake knows; a node does without each of them.
  private static let knownFirstBootUnits: Set<String> = [
    // pibake-ssh-host-keys.service makes the keys, or the recipe gives them.
    "regenerate_ssh_host_keys.service", "sshd-keygen.service", "sshd-keygen@.service",
    // pibake-grow-root.service grows the root, where it is to grow.
    "rpi-resize.service",
    // Ask on the console for a time zone, a language, a root password and a user, all of which image or recipe settle.
    "systemd-firstboot.service", "systemd-homed-firstboot.service",
    // A point in time for others to refer to.
    "first-boot-complete.target",
  ]

  /// Warns of enabled units that only a first boot in systemd's sense would start, and of a command line that declares
  /// every start to be one. An image whose machine id is set or empty has no first boot either, and loses nothing.
  mutating func nameFirstBootUnits() throws(RaspberryPiOSError) {
    for word in try bootParameters()
    where word.hasPrefix("systemd.condition-first-boot") || word.hasPrefix("systemd.condition_first_boot") {
      warn("cmdline.txt holds \(word): systemd takes every start of the node for its first one, or for none")
    }
    let id = try root.firstLine(of: "etc/machine-id")
    guard id == nil || id == "uninitialized" else { return }
    for name in root.enabledUnits() where !NodeSystem.knownFirstBootUnits.contains(FileTree.unitFile(of: name)) {
      guard try root.unitHasFirstBootCondition(name) else { continue }
      warn(
        "\(name) starts only on a first boot (ConditionFirstBoot), which a node with a machine id does not have: "
          + "what it does is left undone unless [[files]] adds a drop-in with an empty ConditionFirstBoot=")
    }
  }

  /// The parameters of all files that the firmware may read them from; `editCommandLines` has found those.
  private func bootParameters() throws(RaspberryPiOSError) -> [String] {
    var words: [String] = []
    for path in commandLines {
      guard let bytes = try boot.bytes(at: path) else { continue }
      words += CommandLineFile(bytes).line.words
    }
    return words
  }
}

extension FileTree {
  /// The names of the units that others want or require by a link, of the administrator or of a package, sorted.
  func enabledUnits() -> [String] {
    var units: Set<String> = []
    for folder in FileTree.unitFolders {
      for name in names(in: folder)
      where name.bytes.suffix(6).elementsEqual(".wants".utf8) || name.bytes.suffix(9).elementsEqual(".requires".utf8) {
        for unit in names(in: folder.appending(name)) { units.insert(unit.description) }
      }
    }
    return units.sorted()
  }

  /// Whether the file of the unit called `name`, or a drop-in, sets ConditionFirstBoot or AssertFirstBoot.
  func unitHasFirstBootCondition(_ name: String) throws(RaspberryPiOSError) -> Bool {
    let file = FileTree.unitFile(of: name)
    for folder in FileTree.unitFolders {
      let path = folder.appending(text: file)
      if case .symlink(Array("/dev/null".utf8))? = inode(at: path, followingLast: false)?.body { return false }
      guard inode(at: path) != nil else { continue }
      if try setsFirstBootCondition(path) { return true }
      break
    }
    for folder in FileTree.unitFolders {
      for unit in Set([name, file]) {
        let dropIns = folder.appending(text: "\(unit).d")
        for dropIn in names(in: dropIns) where try setsFirstBootCondition(dropIns.appending(dropIn)) { return true }
      }
    }
    return false
  }

  /// Whether the file at `path` has such a line with a value. No unit is as large as a MiB.
  private func setsFirstBootCondition(_ path: TreePath) throws(RaspberryPiOSError) -> Bool {
    guard case .file(let content)? = inode(at: path)?.body, content.size <= 1 << 20, let file = try text(at: path)
    else {
      return false
    }
    return file.firstIndex { line in
      guard let equals = line.firstIndex(of: "=") else { return false }
      let key = line[..<equals].trimmed
      return (key == "ConditionFirstBoot" || key == "AssertFirstBoot") && !line[equals...].dropFirst().trimmed.isEmpty
    } != nil
  }
}
