import FileTree

/// Which inodes of a tree differ on the disk from those of its base.
struct TreeDifference {
  /// An inode that the base has otherwise, or not at all.
  struct Change {
    var entry: NamedInodes.Entry
    /// Its index among the base's inodes; nil for a new one.
    var base: Int?
  }

  /// Ascending by number.
  private(set) var changed: [Change] = []
  /// The indices of the base's inodes that are gone.
  private(set) var removed: [Int] = []

  init(_ tree: FileTree, _ names: NamedInodes, base: Ext4Base) {
    let comparison = Comparison(tree: tree, names: names, base: base)
    var index = 0
    let old = base.names.entries
    for entry in names.entries {
      while index < old.count && old[index].number < entry.number {
        removed.append(index)
        index += 1
      }
      if index < old.count && old[index].number == entry.number {
        if !comparison.isSame(old[index], entry) { changed.append(Change(entry: entry, base: index)) }
        index += 1
      } else {
        changed.append(Change(entry: entry, base: nil))
      }
    }
    removed += index..<old.count
  }
}

/// Two trees side by side.
private struct Comparison {
  let tree: FileTree
  let names: NamedInodes
  let base: Ext4Base
  /// Directories that hold a name whose inode got another number or type.
  let retyped: Set<InodeID>

  init(tree: FileTree, names: NamedInodes, base: Ext4Base) {
    self.tree = tree
    self.names = names
    self.base = base
    let others = names.entries.lazy.map(\.id).filter { id in
      names.number(of: id) != base.names.number(of: id) || names.type(of: id) != base.names.type(of: id)
    }
    let known = Set(others.filter { base.names.links(of: $0) > 0 })
    var holders: Set<InodeID> = []
    if !known.isEmpty {
      for entry in names.entries {
        guard let directory = tree.directory(entry.id) else { continue }
        if directory.indices.contains(where: { known.contains(directory.id(at: $0)) }) { holders.insert(entry.id) }
      }
    }
    retyped = holders
  }

  /// Whether two inodes of one number are the same on the disk, with all that hangs from them.
  func isSame(_ old: NamedInodes.Entry, _ new: NamedInodes.Entry) -> Bool {
    guard names.links(of: new.id) == base.names.links(of: old.id),
      names.type(of: new.id) == base.names.type(of: old.id),
      names.parent(of: new.id) == base.names.parent(of: old.id), !retyped.contains(new.id)
    else { return false }
    if old.id == new.id && tree.shares(new.id, with: base.tree) { return true }
    guard let before = base.tree[old.id], let after = tree[new.id], after.isSame(as: before) else { return false }
    guard case (.directory(let left), .directory(let right)) = (before.body, after.body) else { return true }
    return left.isSame(as: right)
  }
}
