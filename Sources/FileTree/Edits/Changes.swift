/// What differs at one path between two trees.
package struct Change: Sendable {
  /// The path's bytes.
  package let path: [UInt8]
  /// What was there; nil if nothing was.
  package let before: Inode?
  /// What is there now; nil if nothing is.
  package let after: Inode?
}

extension FileTree {
  /// What differs from `base`, sorted by path: every path that was added, removed, or whose inode is another in any way.
  ///
  /// A folder whose entries alone changed does not count: its entries do. Folders in which nothing differs are not looked
  /// into, so an edited copy costs what was edited.
  package func changes(since base: FileTree) -> [Change] {
    var comparison = TreeChanges(from: base, to: self)
    comparison.run()
    return comparison.changes.sorted { $0.path.lexicographicallyPrecedes($1.path) }
  }
}

/// The walk through two trees that finds what differs.
private struct TreeChanges {
  private(set) var changes: [Change] = []
  private let old: FileTree
  private let new: FileTree
  private let divergence: Divergence
  /// Folders of one tree or both whose entries were not compared yet.
  private var folders: [Place] = []

  private struct Place {
    /// Empty for the root.
    let path: [UInt8]
    let old: InodeID?
    let new: InodeID?
  }

  init(from old: FileTree, to new: FileTree) {
    self.old = old
    self.new = new
    divergence = Divergence(from: old, to: new)
  }

  mutating func run() {
    look(at: Place(path: [], old: old.root, new: new.root))
    while let place = folders.popLast() {
      let before = place.old.flatMap { old.directory($0) }
      let after = place.new.flatMap { new.directory($0) }
      lookAtEntries(before ?? Directory(), after ?? Directory(), at: place.path)
    }
  }

  private mutating func lookAtEntries(_ before: Directory, _ after: Directory, at path: [UInt8]) {
    var (oldNext, newNext) = (0, 0)
    while oldNext < before.count || newNext < after.count {
      let order = order(before, oldNext, after, newNext)
      let name = order <= 0 ? before.name(at: oldNext) : after.name(at: newNext)
      look(
        at: Place(
          path: path + [0x2F] + name, old: order <= 0 ? before.id(at: oldNext) : nil,
          new: order >= 0 ? after.id(at: newNext) : nil))
      if order <= 0 { oldNext += 1 }
      if order >= 0 { newNext += 1 }
    }
  }

  /// Below zero, zero or above it as the next old name comes before, is, or comes after the next new one.
  private func order(_ before: Directory, _ oldNext: Int, _ after: Directory, _ newNext: Int) -> Int {
    guard oldNext < before.count else { return 1 }
    guard newNext < after.count else { return -1 }
    let (left, right) = (before.name(at: oldNext), after.name(at: newNext))
    if left == right { return 0 }
    return left.lexicographicallyPrecedes(right) ? -1 : 1
  }

  /// Notes what differs at `place`, and that a folder's entries are to be looked at.
  private mutating func look(at place: Place) {
    if let id = place.new, id == place.old, !divergence.contains(id) {
      if divergence.leads(through: id) { folders.append(place) }
      return
    }
    let before = place.old.flatMap { old[$0] }
    let after = place.new.flatMap { new[$0] }
    let isSame = before.flatMap { before in after.map { before.isSame(as: $0) } } ?? (before == nil && after == nil)
    if !isSame { changes.append(Change(path: place.path.isEmpty ? [0x2F] : place.path, before: before, after: after)) }
    if before?.body.isDirectory ?? false || after?.body.isDirectory ?? false { folders.append(place) }
  }
}

/// Below zero, zero or above it; a path that is nil comes last.
func pathOrder(_ left: [UInt8]?, _ right: [UInt8]?) -> Int {
  guard let left else { return 1 }
  guard let right else { return -1 }
  if left == right { return 0 }
  return left.lexicographicallyPrecedes(right) ? -1 : 1
}

extension Inode {
  /// Whether both are alike in all that outlives a copy. Contents are alike if they lie in the same place or, where
  /// both are in memory, hold the same bytes; the entries of folders do not count.
  package func isSame(as other: Inode) -> Bool {
    guard
      mode == other.mode, uid == other.uid, gid == other.gid, modified == other.modified,
      accessed == other.accessed, changed == other.changed, created == other.created, flags == other.flags,
      attributes == other.attributes, xattrs == other.xattrs
    else { return false }
    return switch (body, other.body) {
    case (.directory, .directory), (.fifo, .fifo), (.socket, .socket): true
    case (.file(let left), .file(let right)): left.isSameStorage(as: right)
    case (.symlink(let left), .symlink(let right)): left == right
    case (.characterDevice(let left), .characterDevice(let right)): left == right
    case (.blockDevice(let left), .blockDevice(let right)): left == right
    default: false
    }
  }

  /// Whether both are directories with the same entries, or neither is a directory.
  package func hasSameEntries(as other: Inode) -> Bool {
    switch (body, other.body) {
    case (.directory(let left), .directory(let right)): left.isSame(as: right)
    case (.directory, _), (_, .directory): false
    default: true
    }
  }
}
