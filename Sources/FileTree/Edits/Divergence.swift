/// Where a tree departs from another, above all from the one that it was made from by edits.
///
/// Edited copies share all pages of inodes that no edit touched, so this looks at those that were, and finds by an index
/// of names where they hang in the tree: it costs what was edited, and no walk.
package struct Divergence: Sendable {
  /// The inodes that differ from those of the base, ascending: those that only one of the two trees has, those with another owner, mode,
  /// time or content, and directories with other entries.
  package let ids: [InodeID]
  private let differing: Set<InodeID>
  /// The directories of the base, from the root on, in which there are names of those.
  private let way: Set<InodeID>

  /// How `tree` departs from `base`. It is fast if `base.indexNames()` was called.
  package init(from base: FileTree, to tree: FileTree) {
    ids = tree.ids(differingFrom: base)
    differing = Set(ids)
    way = ids.isEmpty ? [] : Self.way(to: ids, in: base, tree)
  }

  /// Whether `id` differs from the base's inode of this number, or only one of the two trees has it.
  package func contains(_ id: InodeID) -> Bool { differing.contains(id) }

  /// Whether anything differs in the directory `id`, if both trees have it at the same path: it, its entries, or something at any
  /// depth beneath it. A file of several names of which one came or went differs under all of them.
  package func leads(through id: InodeID) -> Bool { way.contains(id) || differing.contains(id) }

  private static func way(to ids: [InodeID], in base: FileTree, _ tree: FileTree) -> Set<InodeID> {
    let index = base.nameIndex ?? NameIndex(of: base)
    var way: Set<InodeID> = []
    func add(_ id: InodeID) {
      for directory in index.directories(naming: id) {
        var next: InodeID? = directory
        while let here = next, way.insert(here).inserted { next = index.parent(of: here) }
      }
    }
    let (oldSeveral, newSeveral) = (base.filesOfSeveralNames(), tree.filesOfSeveralNames())
    for id in ids {
      add(id)
      for directory in [base.directory(id), tree.directory(id)].compactMap(\.self) {
        for entry in directory.indices {
          let child = directory.id(at: entry)
          if oldSeveral[child] != nil || newSeveral[child] != nil { add(child) }
        }
      }
    }
    return way
  }
}

extension FileTree {
  /// The directories that name `id`, one of several names once for each of them. It is fast if `indexNames()` was called.
  package func directories(naming id: InodeID) -> [InodeID] {
    (nameIndex ?? NameIndex(of: self)).directories(naming: id)
  }
}
