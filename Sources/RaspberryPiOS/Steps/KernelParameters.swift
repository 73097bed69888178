import Bytes
import FileTree
import Recipe

extension NodeSystem {
  private static let sysctlFile = "60-pibake.conf"

  /// Writes the parameters of `[sysctl]` to a file of sysctl.d(5), and warns of files of the image that win over it.
  mutating func editSysctl(_ settings: SysctlSettings) throws(RaspberryPiOSError) {
    guard !settings.parameters.isEmpty else { return }
    var seen: [SysctlName: String] = [:]
    var text = "# Written by pibake.\n"
    for parameter in settings.parameters {
      let name = try NodeSystem.name(of: parameter)
      if let other = seen.updateValue(parameter.name, forKey: name) {
        throw .recipe(
          "[sysctl] sets /proc/sys/\(name.path) twice: as \"\(other)\" and as \"\(parameter.name)\"",
          place: parameter.place)
      }
      text += "\(parameter.name) = \(parameter.value.trimmed)\n"
    }
    try warnOfLaterSysctlFiles(settings, names: Set(seen.keys))
    try root.write(text, to: TreePath("etc/sysctl.d").appending(text: NodeSystem.sysctlFile), time: time)
  }

  private static func name(of parameter: SysctlSettings.Parameter) throws(RaspberryPiOSError) -> SysctlName {
    guard !parameter.value.contains(where: \.isNewline), !parameter.value.trimmed.isEmpty else {
      throw .recipe(
        "[sysctl] \"\(parameter.name.printable)\": the value must be one line that is not empty",
        place: parameter.place)
    }
    do throws(SysctlName.Problem) { return try SysctlName(parameter.name) } catch {
      throw .recipe("[sysctl] \"\(parameter.name.printable)\" \(error.message)", place: parameter.place)
    }
  }

  /// The files of all folders are read in the order of their names, and the last value counts.
  private mutating func warnOfLaterSysctlFiles(
    _ settings: SysctlSettings, names: Set<SysctlName>
  ) throws(RaspberryPiOSError) {
    var files: [String: TreePath] = [:]
    for folder: TreePath in ["etc/sysctl.d", "usr/local/lib/sysctl.d", "usr/lib/sysctl.d"] {
      for name in root.names(in: folder).map(\.description)
      where name.hasSuffix(".conf") && Array(NodeSystem.sysctlFile.utf8).lexicographicallyPrecedes(Array(name.utf8)) {
        if files[name] == nil { files[name] = folder.appending(text: name) }
      }
    }
    for (_, path) in files.sorted(by: { $0.key < $1.key }) {
      guard let file = try root.text(at: path) else { continue }
      for index in file.indices {
        guard let name = SysctlName(line: file[index]), names.contains(name),
          let parameter = settings.parameters.first(where: { (try? SysctlName($0.name)) == name })
        else { continue }
        warn(
          "\(path):\(index + 1) sets \(parameter.name) after [sysctl], so that its value counts", at: parameter.place)
      }
    }
  }
}
