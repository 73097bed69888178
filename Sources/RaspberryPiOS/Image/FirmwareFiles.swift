import Bytes
import FileTree

// Which files the settings lead to.
extension FirmwareConfiguration {
  /// The lines that may decide what `key` is on some start: the last that counts for all, and those after it that count
  /// for some. nil stands for the default, where no line counts for all.
  func candidates(for key: String) -> [Setting?] {
    var candidates: [Setting?] = [nil]
    for setting in settings where setting.key == key {
      switch setting.reach {
      case .never: break
      case .all: candidates = [setting]
      case .some, .tryboot: candidates.append(setting)
      }
    }
    return candidates
  }

  /// The command-line files of a boot partition.
  struct CommandLines {
    /// The files that some start reads.
    var found: [TreePath] = []
    /// What names no file that is there: parts of sentences with file and line.
    var missing: [String] = []
  }

  /// The files that the firmware hands to the kernel as its parameters, on some board or start.
  func commandLines(on boot: FileTree) -> CommandLines {
    var result = CommandLines()
    let prefixes = self.prefixes(on: boot)
    for setting in candidates(for: "cmdline") {
      var isFound = false
      for name in setting?.names ?? ["cmdline.txt"] {
        for prefix in name.hasPrefix("/") ? [""] : prefixes {
          guard let given = TreePath("\(prefix)\(name)") else { continue }
          let path = boot.pathIgnoringCase(given)
          guard case .file? = boot.inode(at: path)?.body else { continue }
          isFound = true
          if !result.found.contains(path) { result.found.append(path) }
        }
      }
      if !isFound, let setting { result.missing.append(setting.description) }
    }
    if result.found.isEmpty {
      result.missing += candidates(for: "os_prefix").compactMap { $0?.description }
    }
    return result
  }

  /// What may stand before the names of kernel and command line: the values of `os_prefix`. The firmware ignores one
  /// where it finds no kernel and no device tree; both possibilities are kept then.
  private func prefixes(on boot: FileTree) -> [String] {
    var prefixes: [String] = []
    for setting in candidates(for: "os_prefix") {
      for value in setting?.names ?? [""] {
        if !prefixes.contains(value) { prefixes.append(value) }
        if !isHonoured(value, on: boot), !prefixes.contains("") { prefixes.append("") }
      }
    }
    return prefixes
  }

  private func isHonoured(_ prefix: String, on boot: FileTree) -> Bool {
    if prefix.isEmpty { return true }
    let slash = prefix.lastIndex(of: "/")
    let folder = slash.map { String(prefix[..<$0]) } ?? ""
    let stem = (slash.map { String(prefix[prefix.index(after: $0)...]) } ?? prefix).lowercased()
    guard let path = TreePath(folder) else { return false }
    let kernels = candidates(for: "kernel").compactMap { $0?.names.first?.lowercased() }
    let names = boot.names(in: boot.pathIgnoringCase(path)).map {
      String(decoding: $0.bytes, as: UTF8.self).lowercased()
    }
    .filter { $0.hasPrefix(stem) }.map { String($0.dropFirst(stem.count)) }
    return names.contains { $0.hasPrefix("kernel") || $0.hasPrefix("vmlinuz") || kernels.contains($0) }
      && names.contains { $0.hasSuffix(".dtb") }
  }

  /// What the operator should know of the settings that lead to files.
  var remarks: [String] {
    var remarks = problems
    for setting in settings where ["cmdline", "os_prefix"].contains(setting.key) && setting.reach != .never {
      if setting.value.contains("#") {
        remarks.append(
          "\(setting.description): the firmware may take what follows # for part of the name; put the comment on a line of its own"
        )
      }
      if setting.reach == .tryboot {
        remarks.append("\(setting.description) counts on a tryboot start only: what it names is edited as well")
      }
    }
    return remarks
  }
}

extension FirmwareConfiguration.Setting {
  /// The names that the value may mean: a comment after it may be part of it.
  var names: [String] {
    guard let hash = value.firstIndex(of: "#") else { return [value] }
    return [value[..<hash].trimmed, value].filter { !$0.isEmpty }
  }
}
