import Bytes
import FileTree

/// A folder of a new FAT: its entries with their short names, before anything has a place.
struct FolderPlan {
  /// A file or folder in it.
  struct Entry {
    let id: InodeID
    let shortName: ShortName
    let caseBits: UInt8
    /// UTF-16; none if the short name says everything.
    let longName: [UInt16]

    /// How many entries of 32 bytes it takes.
    var slots: Int { 1 + longName.count.dividedRoundingUp(by: 13) }
  }

  let id: InodeID
  /// The folder that holds it; nil for the root directory.
  let parent: InodeID?
  let path: TreePath
  /// In the order of names.
  let entries: [Entry]
  /// How many entries of 32 bytes it has, with `.` and `..` or, in the root directory, the label.
  let slots: Int

  /// Plans the folder `id` of `tree`.
  ///
  /// - Throws: `FATError.cannotHold` at a name that FAT does not allow, or that is there in another case.
  init(_ directory: Directory, id: InodeID, parent: InodeID?, path: TreePath) throws(FATError) {
    // Each name takes an entry or more, and short names are numbered to 999,999 only.
    guard directory.count < 65536 else { throw .cannotHold(path, .folderSize) }
    var names: [[UInt16]] = []
    var shortNames = ShortNames()
    var exact: [ShortName.Exact?] = []
    var folded: [[UInt16]: Name] = [:]
    names.reserveCapacity(directory.count)
    exact.reserveCapacity(directory.count)
    for (name, _) in directory {
      let units = try Self.units(of: name, in: path)
      if let other = folded.updateValue(name, forKey: units.map(\.fatUppercase)) {
        throw .cannotHold(path.appending(name), .sameButForCase(as: other))
      }
      names.append(units)
      // Before any number is given out: a name like `longna~1.txt` is its own short name.
      let short = ShortName.Exact(units)
      if let short { shortNames.take(short.name) }
      exact.append(short)
    }
    var entries: [Entry] = []
    entries.reserveCapacity(directory.count)
    for index in directory.indices {
      let longName = exact[index].map { $0.isMixed ? names[index] : [] } ?? names[index]
      entries.append(
        Entry(
          id: directory.id(at: index), shortName: exact[index]?.name ?? shortNames.numbered(names[index]),
          caseBits: exact[index]?.caseBits ?? 0, longName: longName))
    }
    let slots = entries.reduce(parent == nil ? 1 : 2) { $0 + $1.slots }
    guard slots <= 65536 else { throw .cannotHold(path, .folderSize) }
    self.id = id
    self.parent = parent
    self.path = path
    self.entries = entries
    self.slots = slots
  }

  /// The UTF-16 of a name that FAT allows.
  private static func units(of name: Name, in path: TreePath) throws(FATError) -> [UInt16] {
    for byte in name.bytes where byte < 0x20 || Self.forbidden.contains(byte) {
      throw .cannotHold(path.appending(name), .character(byte))
    }
    // Windows and Linux drop these without a word.
    if name.bytes.last == 0x2E || name.bytes.last == 0x20 { throw .cannotHold(path.appending(name), .ending) }
    guard let units = LongName.units(ofUTF8: name.bytes) else { throw .cannotHold(path.appending(name), .notUTF8) }
    guard units.count <= 255 else { throw .cannotHold(path.appending(name), .nameLength(units.count)) }
    return units
  }

  private static let forbidden = Array(#""*/:<>?\|"#.utf8)
}
