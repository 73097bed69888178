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
  private static let administratorFolder: TreePath = "etc/systemd/system"

  /// Where the unit called `name` is; an instance is its template. nil if the system has no such unit.
  func unitPath(_ name: String) -> TreePath? {
    let file = FileTree.unitFile(of: name)
    for folder: TreePath in [FileTree.administratorFolder, "usr/lib/systemd/system", "lib/systemd/system"] {
      let path = folder.appending(text: file)
      if case .file? = inode(at: path)?.body { return path }
    }
    return nil
  }

  /// Whether a target wants the unit called `name`.
  func isUnitEnabled(_ name: String) -> Bool {
    !dependencyLinks(of: name).isEmpty
  }

  /// Makes the links that the unit's [Install] section asks for; a mask goes.
  ///
  /// - Throws: `.unsupported` if the system has no such unit.
  mutating func enableUnit(_ name: String, time: Timestamp) throws(RaspberryPiOSError) {
    let mask = FileTree.administratorFolder.appending(text: name)
    if case .symlink(Array("/dev/null".utf8))? = inode(at: mask, followingLast: false)?.body {
      try removeIfPresent(mask)
    }
    guard let path = unitPath(name), let unit = try text(at: path) else {
      throw .unsupported("the image has no unit \(name)")
    }
    let target = "\(unitFolderSpelling(of: path))/\(FileTree.unitFile(of: name))"
    var section = ""
    for index in unit.indices {
      let line = unit[index].trimmed
      if line.hasPrefix("[") { section = line }
      guard section == "[Install]", let equals = line.firstIndex(of: "=") else { continue }
      let values = line[line.index(after: equals)...].words
      let links: [String]
      switch line[..<equals].trimmed {
      case "WantedBy": links = values.map { "\($0).wants/\(name)" }
      case "RequiredBy": links = values.map { "\($0).requires/\(name)" }
      case "Alias": links = values
      default: links = []
      }
      for link in links {
        guard let place = TreePath("etc/systemd/system/\(link)") else { continue }
        // A link that is there may spell the folder in another way.
        if inode(at: place, followingLast: false) == nil { try self.link(place, to: target, time: time) }
      }
    }
  }

  /// Adds a unit of pibake's own and enables it.
  mutating func install(_ unit: OwnUnit, time: Timestamp) throws(RaspberryPiOSError) {
    try write(unit.text, to: TreePath("usr/lib/systemd/system").appending(text: unit.name), time: time)
    try enableUnit(unit.name, time: time)
  }

  /// Removes the links by which targets want the unit called `name`, and its aliases.
  mutating func disableUnit(_ name: String) throws(RaspberryPiOSError) {
    for path in dependencyLinks(of: name) { try removeIfPresent(path) }
    for alias in names(in: FileTree.administratorFolder) {
      let path = FileTree.administratorFolder.appending(alias)
      guard case .symlink(let target)? = inode(at: path, followingLast: false)?.body else { continue }
      if target.suffix(name.utf8.count + 1).elementsEqual("/\(name)".utf8) { try removeIfPresent(path) }
    }
  }

  /// The links `X.wants/name` and `X.requires/name` of the administrator's folder.
  private func dependencyLinks(of name: String) -> [TreePath] {
    names(in: FileTree.administratorFolder)
      .filter { $0.bytes.suffix(6).elementsEqual(".wants".utf8) || $0.bytes.suffix(9).elementsEqual(".requires".utf8) }
      .map { FileTree.administratorFolder.appending($0).appending(text: name) }
      .filter { inode(at: $0, followingLast: false) != nil }
  }

  /// The folder of a unit as links name it: bookworm's systemctl writes /lib/systemd/system, trixie's
  /// /usr/lib/systemd/system, and other links of the image tell which.
  private func unitFolderSpelling(of path: TreePath) -> String {
    if path.parent == FileTree.administratorFolder { return "/etc/systemd/system" }
    for folder in names(in: FileTree.administratorFolder) where folder.bytes.suffix(6).elementsEqual(".wants".utf8) {
      let wants = FileTree.administratorFolder.appending(folder)
      for link in names(in: wants) {
        guard case .symlink(let target)? = inode(at: wants.appending(link), followingLast: false)?.body else {
          continue
        }
        if target.starts(with: "/lib/systemd/system/".utf8) { return "/lib/systemd/system" }
        if target.starts(with: "/usr/lib/systemd/system/".utf8) { return "/usr/lib/systemd/system" }
      }
    }
    return "/usr/lib/systemd/system"
  }

  /// `getty@.service` for `getty@tty1.service`.
  static func unitFile(of name: String) -> String {
    guard let at = name.firstIndex(of: "@"), let dot = name.lastIndex(of: "."), at < dot else { return name }
    return "\(name[...at])\(name[dot...])"
  }
}
