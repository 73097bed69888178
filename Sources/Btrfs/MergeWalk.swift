import FileTree

/// A walk over two trees side by side, through the directories that both have at the same path and in which anything differs.
struct MergeWalk {
  /// A stop of the walk.
  enum Stop {
    /// A directory that both trees have begins.
    case enter(InodeID, InodeID)
    /// All that is in the directory has been visited.
    case leave(InodeID, InodeID)
    /// A name that both have, unless both are directories.
    case both(InodeID, InodeID)
    /// A name that only the old tree has.
    case removed(InodeID)
    /// A name that only the new tree has.
    case added(InodeID)
  }

  private let old: FileTree
  private let new: FileTree
  private let divergence: Divergence
  private let oldSeveral: [InodeID: UInt32]
  private let newSeveral: [InodeID: UInt32]
  private var levels: [Level] = []
  private var didStart = false
  /// The path of the last stop.
  private(set) var path: [UInt8]

  fileprivate struct Level {
    let oldID: InodeID
    let newID: InodeID
    let old: Directory
    let new: Directory
    /// Where the directory's own path ends.
    let length: Int
    var oldNext = 0
    var newNext = 0
  }

  /// A walk from the roots of both trees, which are at `path`. It does not stop at what both trees have alike, except at files
  /// that have several names in one of them: a name may have been added or removed.
  init(_ old: FileTree, _ new: FileTree, divergence: Divergence, at path: [UInt8]) {
    self.old = old
    self.new = new
    self.path = path
    self.divergence = divergence
    oldSeveral = old.filesOfSeveralNames()
    newSeveral = new.filesOfSeveralNames()
  }

  mutating func next() -> Stop? {
    guard didStart else {
      didStart = true
      return enter(old.root, new.root)
    }
    while let depth = levels.indices.last {
      path.removeSubrange(levels[depth].length...)
      guard let (oldID, newID) = advance(depth) else {
        let level = levels.removeLast()
        return .leave(level.oldID, level.newID)
      }
      switch (oldID, newID) {
      case (let oldID?, let newID?):
        if oldID == newID, isPassed(newID) { continue }
        return enter(oldID, newID) ?? .both(oldID, newID)
      case (let oldID?, nil): return .removed(oldID)
      case (nil, let newID?): return .added(newID)
      case (nil, nil): continue
      }
    }
    return nil
  }

  private mutating func enter(_ oldID: InodeID, _ newID: InodeID) -> Stop? {
    guard let oldDirectory = old.directory(oldID), let newDirectory = new.directory(newID) else { return nil }
    levels.append(Level(oldID: oldID, newID: newID, old: oldDirectory, new: newDirectory, length: path.count))
    return .enter(oldID, newID)
  }

  /// Whether there is nothing to see at `id`, which both trees have here.
  private func isPassed(_ id: InodeID) -> Bool {
    !divergence.leads(through: id) && oldSeveral[id] == nil && newSeveral[id] == nil
  }

  /// Appends the next name of the level to the path, and gives what each tree has under it; nil after the last.
  private mutating func advance(_ depth: Int) -> (InodeID?, InodeID?)? {
    let level = levels[depth]
    let hasOld = level.oldNext < level.old.count
    let hasNew = level.newNext < level.new.count
    guard hasOld || hasNew else { return nil }
    let order = !hasOld ? 1 : !hasNew ? -1 : level.order
    path.append(0x2F)
    path.append(contentsOf: order <= 0 ? level.old.name(at: level.oldNext) : level.new.name(at: level.newNext))
    if order <= 0 { levels[depth].oldNext += 1 }
    if order >= 0 { levels[depth].newNext += 1 }
    return (
      order <= 0 ? level.old.id(at: level.oldNext) : nil, order >= 0 ? level.new.id(at: level.newNext) : nil
    )
  }
}

extension MergeWalk.Level {
  /// Below zero, zero or above it as the next old name comes before, is, or comes after the next new one.
  fileprivate var order: Int {
    let left = old.name(at: oldNext)
    let right = new.name(at: newNext)
    if left == right { return 0 }
    return left.lexicographicallyPrecedes(right) ? -1 : 1
  }
}
