import Bytes
import FileTree

/// The file that systemd takes for a unit, and what its [Install] section asks for.
struct UnitFile: Sendable {
  enum State: Sendable {
    /// A file with text.
    case regular
    /// An empty file, or a link to one or to /dev/null: the unit can neither be started nor enabled.
    case masked
    /// A link to a file of another name in a folder of units.
    case alias(TreePath)
    /// A link to a file outside the folders of units.
    case linked(TreePath)
  }

  /// As links to it spell it: the first name can be a link.
  var path: TreePath
  var state: State
  var install = InstallSection()
}

extension FileTree {
  static let administratorUnits: TreePath = "etc/systemd/system"

  /// The folders that packages and administrators put units into; the first one that has a unit's name counts
  /// (systemd.unit(5)).
  static let unitFolders: [TreePath] = [
    administratorUnits, "usr/local/lib/systemd/system", "usr/lib/systemd/system", "lib/systemd/system",
  ]

  /// All folders of units as links spell them, of the highest priority first. Those in /run are left out: no image fills
  /// them.
  func unitSearchPath() -> [TreePath] {
    let vendor: [TreePath] = ["usr/lib/systemd/system", "lib/systemd/system"]
    return [
      "etc/systemd/system.control", FileTree.administratorUnits, "etc/systemd/system.attached",
      "usr/local/lib/systemd/system",
    ] + (spellsLib() ? vendor.reversed() : vendor)
  }

  /// Whether links name the vendor's units by /lib/systemd/system, as those of bookworm's systemctl do; trixie's writes
  /// /usr/lib/systemd/system. Other links of the image tell which.
  private func spellsLib() -> Bool {
    for folder in names(in: FileTree.administratorUnits) where folder.bytes.suffix(6).elementsEqual(".wants".utf8) {
      let wants = FileTree.administratorUnits.appending(folder)
      for link in names(in: wants) {
        guard case .symlink(let target)? = inode(at: wants.appending(link), followingLast: false)?.body else {
          continue
        }
        if target.starts(with: "/lib/systemd/system/".utf8) { return true }
        if target.starts(with: "/usr/lib/systemd/system/".utf8) { return false }
      }
    }
    return false
  }
}

/// Finds and reads units in a tree's folders.
struct UnitFiles {
  /// The folders to look in, of the highest priority first.
  let folders: [TreePath]
  /// How many bytes may still be read. A hole costs a hostile image nothing, and a unit can have thousands of drop-ins.
  private var budget = 32 << 20

  private static let nullDevice: TreePath = "dev/null"

  init(folders: [TreePath]) { self.folders = folders }

  /// The file of `unit` with its drop-ins, or that of its template; nil if there is neither.
  ///
  /// - Throws: if systemd would refuse the file, or it cannot be read.
  mutating func find(_ unit: UnitName, in tree: FileTree) throws(UnitProblem) -> UnitFile? {
    guard unit.instance == nil || unit.mayBeTemplated else {
      throw UnitProblem("\(unit): \(unit.type) units have neither templates nor instances")
    }
    let template = unit.form == .instance ? unit.template : nil
    for name in [unit, template].compactMap(\.self) {
      for folder in folders {
        var file = UnitFile(path: folder.appending(text: name.description), state: .regular)
        guard try read(&file, as: unit, in: tree) else { continue }
        if case .masked = file.state { return file }
        for path in dropIns(of: [unit, template].compactMap(\.self), in: tree) {
          try file.install.read(bytes(at: path, in: tree), at: path, of: unit, in: tree)
        }
        return file
      }
    }
    return nil
  }

  /// Reads what is at the file's path: false if nothing is.
  mutating func read(_ file: inout UnitFile, as unit: UnitName, in tree: FileTree) throws(UnitProblem) -> Bool {
    switch tree.inode(at: file.path, followingLast: false)?.body {
    case nil: return false
    case .file(let content)?:
      file.state = content.size == 0 ? .masked : .regular
      if content.size > 0 {
        try file.install.read(bytes(at: file.path, in: tree), at: file.path, of: unit, in: tree)
      }
    case .symlink(let target)?: file.state = try state(ofLink: file.path, to: target, in: tree)
    case .characterDevice?, .blockDevice?: file.state = .masked
    case .directory?, .fifo?, .socket?:
      throw UnitProblem("\(file.path) is not a file: expected a unit", hint: "remove it with [[files]] remove = true")
    }
    return true
  }

  private mutating func bytes(at path: TreePath, in tree: FileTree) throws(UnitProblem) -> [UInt8] {
    guard case .file(let content)? = tree.inode(at: path)?.body else { return [] }
    guard content.size <= budget else {
      throw UnitProblem("\(path): units that belong together are larger than 32 MiB", kind: .endless)
    }
    budget -= content.size
    do { return try tree.bytes(at: path) ?? [] } catch { throw UnitProblem("\(path): \(error)", hint: error.hint) }
  }

  private func state(
    ofLink path: TreePath, to target: [UInt8], in tree: FileTree
  ) throws(UnitProblem) -> UnitFile.State {
    let place: TreePath
    let end: TreePath
    do {
      place = try tree.resolve(target: target, in: path.parent, followingLast: false)
      end = try tree.resolve(place)
    } catch {
      throw UnitProblem("\(path) is a link that leads nowhere: \(error)")
    }
    let isUnit = contains(place)
    if isUnit, let reason = refusal(ofLink: path, to: place) {
      throw UnitProblem("\(path) is a link to \(place) and cannot be its alias: \(reason)", hint: "remove the link")
    }
    if end == UnitFiles.nullDevice { return .masked }
    switch tree.inode(at: end)?.body {
    case .file(let content)? where content.size == 0: return .masked
    case .characterDevice?, .blockDevice?: return .masked
    default: return isUnit ? .alias(place) : .linked(place)
    }
  }

  private func refusal(ofLink path: TreePath, to place: TreePath) -> String? {
    guard let alias = path.unitName else { return "the link's name is not that of a unit" }
    guard let target = place.unitName else { return "the file's name is not that of a unit" }
    return alias.refusal(asAliasOf: target)
  }

  /// Whether `place` lies in a folder of units.
  func contains(_ place: TreePath) -> Bool {
    folders.contains { place.names.count > $0.names.count && place.names.starts(with: $0.names) }
  }

  /// The drop-ins of `units`, by their file names; of those with the same name, the one in the first folder. What is no
  /// file does not count.
  private func dropIns(of units: [UnitName], in tree: FileTree) -> [TreePath] {
    var paths: [Name: TreePath] = [:]
    for unit in units {
      guard let name = Name(Array("\(unit).d".utf8)) else { continue }
      for folder in folders {
        let place = folder.appending(name)
        for file in tree.names(in: place)
        where file.bytes.suffix(5).elementsEqual(".conf".utf8) && file.bytes.first != UInt8(ascii: ".") {
          if paths[file] == nil { paths[file] = place.appending(file) }
        }
      }
    }
    return paths.sorted { $0.key < $1.key }.map(\.value).filter { path in
      if case .file? = tree.inode(at: path)?.body { true } else { false }
    }
  }
}

extension TreePath {
  /// The unit that the last name is; nil if it is none.
  var unitName: UnitName? {
    guard let name = names.last else { return nil }
    return String(validating: name.bytes, as: UTF8.self).flatMap { UnitName($0) }
  }
}
