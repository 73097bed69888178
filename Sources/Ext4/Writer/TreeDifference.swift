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
  /// The indices of the base's inodes that are gone, ascending.
  private(set) var removed: [Int] = []
  /// What names tell of the tree; inodes that it has in common with the base have the same numbers.
  let facts: InodeFacts

  /// How `tree` differs from the tree of `base`.
  ///
  /// - Throws: `NodeProblem` if a name leads nowhere, two lead to one directory, or lost+found is a file.
  init(_ tree: FileTree, base: Ext4Base) throws(NodeProblem) {
    let divergence = Divergence(from: base.tree, to: tree)
    let names = try NamesBesideBase(tree, base: base, divergence)
    facts = names.facts
    let comparison = Comparison(tree: tree, base: base, divergence: divergence, facts: facts)
    let retyped = comparison.directoriesNamingRetyped(names.touched)
    let ids = retyped.union(names.touched)
    let entries = ids.filter { [facts] in facts.links(of: $0) > 0 }.map { [facts] in
      NamedInodes.Entry(id: $0, number: facts.number(of: $0))
    }
    let known = Set(entries.map(\.number))
    for entry in entries.sorted(by: { $0.number < $1.number }) {
      let index = base.names.index(of: entry.number)
      let isSame = index.map { index in
        !retyped.contains(entry.id) && comparison.isSame(base.names.entries[index], entry)
      }
      if !(isSame ?? false) { changed.append(Change(entry: entry, base: index)) }
    }
    let gone = ids.filter { base.names.facts.links(of: $0) > 0 }.map { base.names.facts.number(of: $0) }
    removed = gone.filter { !known.contains($0) }.compactMap { base.names.index(of: $0) }.sorted()
  }
}

/// What names tell of a tree beside its base.
private struct NamesBesideBase {
  var facts: InodeFacts
  /// The inodes of either tree of which anything may be otherwise in the other, ascending.
  let touched: [InodeID]

  init(_ tree: FileTree, base: Ext4Base, _ divergence: Divergence) throws(NodeProblem) {
    facts = base.names.facts
    let lost = tree.directory(tree.root)?[.lostAndFound]
    guard let touched = facts.follow(divergence, from: base.tree, to: tree),
      lost.map({ [facts] in facts[$0].type == .directory }) ?? true
    else {
      let names = try NamedInodes(tree, base: base.names)
      facts = names.facts
      self.touched = Set(names.entries.map(\.id) + base.names.entries.map(\.id)).sorted()
      return
    }
    self.touched = touched
    let named = touched.filter { [facts] in facts.links(of: $0) > 0 }
    let numbers = InodeNumbers(of: base.names)
    for entry in numbers.entries(of: named, root: tree.root, lostAndFound: lost) {
      facts[entry.id].number = entry.number
    }
  }
}

/// Two trees side by side.
private struct Comparison {
  let tree: FileTree
  let base: Ext4Base
  let divergence: Divergence
  let facts: InodeFacts

  /// The directories that hold a name, of those of the base, whose inode, one of `ids`, got another number or type.
  func directoriesNamingRetyped(_ ids: [InodeID]) -> Set<InodeID> {
    let old = base.names.facts
    let others = ids.filter { id in
      facts.links(of: id) > 0 && old.links(of: id) > 0
        && (facts.number(of: id) != old.number(of: id) || facts.type(of: id) != old.type(of: id))
    }
    return Set(others.flatMap { base.tree.directories(naming: $0) }.filter { facts.links(of: $0) > 0 })
  }

  /// Whether two inodes of one number are the same on the disk, with all that hangs from them.
  func isSame(_ old: NamedInodes.Entry, _ new: NamedInodes.Entry) -> Bool {
    let oldFacts = base.names.facts
    guard facts.links(of: new.id) == oldFacts.links(of: old.id), facts.type(of: new.id) == oldFacts.type(of: old.id),
      facts.parent(of: new.id) == oldFacts.parent(of: old.id)
    else { return false }
    if old.id == new.id && !divergence.contains(new.id) { return true }
    guard let before = base.tree[old.id], let after = tree[new.id], after.isSame(as: before) else { return false }
    return after.hasSameEntries(as: before)
  }
}
