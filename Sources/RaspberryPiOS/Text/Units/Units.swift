import Bytes
import FileTree
import Storage

/// A unit that pibake adds to a system and enables.
struct OwnUnit: Sendable {
  /// The name of the unit, which is that of its file.
  let name: String
  /// The file.
  let text: String
}

/// The systemd units of a system that is not running: what `systemctl --root` would do.
extension FileTree {
  /// Where the unit called `name` is; an instance is its template. nil if the system has no such unit.
  func unitPath(_ name: String) -> TreePath? {
    let file = FileTree.unitFile(of: name)
    for folder in FileTree.unitFolders {
      let path = folder.appending(text: file)
      if case .file? = inode(at: path)?.body { return path }
    }
    return nil
  }

  /// `getty@.service` for `getty@tty1.service`; a name without an instance is its own.
  static func unitFile(of name: String) -> String { UnitName(name)?.template?.description ?? name }

  /// Whether another unit wants the unit called `name`, and no mask keeps it from starting.
  func isUnitEnabled(_ name: String) -> Bool {
    let suffixes = InstallSection.Dependency.allCases.map { Array(".\($0.rawValue)".utf8) }
    let isWanted = names(in: FileTree.administratorUnits).contains { folder in
      guard suffixes.contains(where: { folder.bytes.suffix($0.count).elementsEqual($0) }) else { return false }
      let link = FileTree.administratorUnits.appending(folder).appending(text: name)
      return find(link, followingLast: false) != nil
    }
    return isWanted && !isMasked(name)
  }

  private func isMasked(_ name: String) -> Bool {
    let path = FileTree.administratorUnits.appending(text: name)
    if case .symlink(Array("/dev/null".utf8))? = inode(at: path, followingLast: false)?.body { return true }
    return false
  }

  /// Makes the links that the unit's [Install] section asks for; a mask goes.
  ///
  /// - Throws: `.unsupported` if the system has no such unit, or it could not be enabled. A link besides that cannot be
  ///   made, such as an alias whose name is taken, is no error.
  mutating func enableUnit(_ name: String, time: Timestamp) throws(RaspberryPiOSError) {
    guard let unit = UnitName(name) else { throw .unsupported("\"\(name.printable)\" is not the name of a unit") }
    let enabling = UnitEnabling(unit, in: self, time: time)
    self = enabling.tree
    guard let problem = enabling.problems.first, !isUnitEnabled(name) else { return }
    if problem.kind == .missing { throw .unsupported("the image has no unit \(name)") }
    throw .unsupported(problem.text, hint: problem.hint)
  }

  /// Adds a unit of pibake's own and enables it.
  mutating func install(_ unit: OwnUnit, time: Timestamp) throws(RaspberryPiOSError) {
    try write(unit.text, to: TreePath("usr/lib/systemd/system").appending(text: unit.name), time: time)
    try enableUnit(unit.name, time: time)
  }

  /// Removes the links that lead to the unit called `name`, its aliases among them. A system that has no such unit needs
  /// no edit.
  mutating func disableUnit(_ name: String) throws(RaspberryPiOSError) {
    guard let unit = UnitName(name) else { throw .unsupported("\"\(name.printable)\" is not the name of a unit") }
    let disabling = UnitDisabling(unit, in: self)
    self = disabling.tree
    if let problem = disabling.problem, problem.kind != .missing {
      throw .unsupported(problem.text, hint: problem.hint)
    }
  }

  /// Keeps the unit from being started at all, as `systemctl --root mask` does.
  ///
  /// - Throws: if something else than a mask has its name in /etc/systemd/system.
  mutating func maskUnit(_ unit: UnitName, time: Timestamp) throws(UnitProblem) {
    let path = FileTree.administratorUnits.appending(text: unit.description)
    switch inode(at: path, followingLast: false)?.body {
    case nil: break
    case .symlink(let target)?:
      if (try? resolve(target: target, in: path.parent, followingLast: false)) == "dev/null" { return }
      let text = String(decoding: target, as: UTF8.self).printable
      throw UnitProblem(
        "\(path) is a link to \(text), so \(unit) cannot be masked",
        hint: "mask the unit that it is an alias of, or remove the link with [[files]] remove = true")
    // An empty file is a mask too.
    case .file(let content)? where content.size == 0: return
    default:
      throw UnitProblem(
        "\(path) is a file, so \(unit) cannot be masked",
        hint: "remove it with [[files]] remove = true, or disable the unit")
    }
    do { try link(path, to: "/dev/null", time: time) } catch { throw UnitProblem(error) }
  }
}
