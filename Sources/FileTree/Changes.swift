/// What differs at one path between two trees.
package struct Change: Sendable {
  /// The path's bytes.
  package let path: [UInt8]
  /// What was there; nil if nothing was.
  package let before: Inode?
  /// What is there now; nil if nothing is.
  package let after: Inode?
}

/// Inodes that two trees have in common, in one piece of memory: they are alike without being looked at.
package struct SharedInodes: Sendable {
  let pageSize: Int
  let pages: [Bool]

  /// Whether the inode of `id` is common to both; false where they may or may not be alike.
  package func contains(_ id: InodeID) -> Bool {
    let page = Int(id.number) / pageSize
    return page < pages.count && pages[page]
  }
}

extension FileTree {
  /// What differs from `base`, sorted by path: every path that was added, removed, or whose inode is another in any way.
  ///
  /// A folder whose entries alone changed does not count: its entries do.
  package func changes(since base: FileTree) -> [Change] {
    var changes: [Change] = []
    var old = TreeWalk(base)
    var new = TreeWalk(self)
    var before = old.next()
    var after = new.next()
    let shared = inodesShared(with: base)
    while before != nil || after != nil {
      let order = pathOrder(before?.path, after?.path)
      if order == 0, let id = after?.id, id == before?.id, shared.contains(id) {
        before = old.next()
        after = new.next()
        continue
      }
      let oldInode = order <= 0 ? before.flatMap { base[$0.id] } : nil
      let newInode = order >= 0 ? after.flatMap { self[$0.id] } : nil
      if let path = order <= 0 ? before?.path : after?.path {
        let same = oldInode.flatMap { old in newInode.map { old.isSame(as: $0) } } ?? false
        if !same { changes.append(Change(path: path, before: oldInode, after: newInode)) }
      }
      if order <= 0 { before = old.next() }
      if order >= 0 { after = new.next() }
    }
    return changes
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
}
