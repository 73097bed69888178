import FileTree

/// What is known of each inode, by the tree's numbers.
struct InodeFacts {
  struct Facts: Sendable {
    /// nil where there is no inode.
    var type: InodeType?
    var number: UInt32 = 0
    /// Zero where no name leads.
    var links: UInt32 = 0
    /// The directory that holds a directory; the root holds itself. nil where no name leads.
    var parent: InodeID?

    /// Whether names lead to something, and a directory, whose own names count else, has one.
    var isSound: Bool { type == nil ? links == 0 : type != .directory || parent != nil }
  }

  private var facts = InodeMap(absent: Facts())

  subscript(id: InodeID) -> Facts {
    get { facts[id] }
    _modify { yield &facts[id] }
  }

  /// The number on the disk of the inode `id`, which a name leads to.
  func number(of id: InodeID) -> UInt32 { self[id].number }
  /// The type of the inode `id` as directory entries tell it.
  func type(of id: InodeID) -> EntryType { self[id].type?.entryType ?? .unknown }
  /// The names that lead to `id`, for a directory `.` and its folders' `..` among them.
  func links(of id: InodeID) -> UInt32 { self[id].links }
  /// The number on the disk of the directory that holds the directory `id`; the root holds itself.
  func parent(of id: InodeID) -> UInt32 { self[id].parent.map { self[$0].number } ?? 0 }

  /// The number that is kept for the inode `id` in trees made from this one; nil where its role gave it its number, or
  /// no name leads to it.
  func keptNumber(of id: InodeID) -> UInt32? {
    let fact = self[id]
    return fact.links > 0 && fact.number > ReservedInode.first ? fact.number : nil
  }

  /// Follows every name from the root on, and counts them.
  mutating func walk(_ tree: FileTree) throws(NodeProblem) {
    guard self[tree.root].type == .directory else {
      throw NodeProblem(isContradiction: true, id: tree.root, what: "the root is not a directory")
    }
    self[tree.root].links = 2
    self[tree.root].parent = tree.root
    var stack = [tree.root]
    while let id = stack.popLast() {
      guard let directory = tree.directory(id) else { continue }
      for index in 0..<directory.count {
        let child = directory.id(at: index)
        let facts = self[child]
        guard let type = facts.type else {
          let name = directory.name(at: index).escaped
          throw NodeProblem(isContradiction: true, id: id, what: "the name \"\(name)\" leads to no inode")
        }
        guard type == .directory else {
          self[child].links += 1
          continue
        }
        guard facts.links == 0 else {
          throw NodeProblem(isContradiction: true, id: child, what: "a directory has two names")
        }
        self[child].links = 2
        self[child].parent = id
        self[id].links += 1
        stack.append(child)
      }
    }
  }
}

// What edits change.
extension InodeFacts {
  /// Makes these facts of `base` those of `tree`, which departs from it as `divergence` says, but for the numbers of what had no name.
  ///
  /// - Returns: the inodes whose facts may have changed, ascending; nil if only a walk can tell, as where directories are
  ///   linked in a way that edits by path do not produce. The facts are then of no use.
  mutating func follow(_ divergence: Divergence, from base: FileTree, to tree: FileTree) -> [InodeID]? {
    guard base.root == tree.root else { return nil }
    var touched = Set(divergence.ids)
    let before = self
    for id in divergence.ids where before.links(of: id) > 0 {
      guard let directory = base.directory(id) else { continue }
      touched.formUnion(directory.indices.lazy.map { directory.id(at: $0) })
      forgetNames(in: directory, of: id)
    }
    for id in divergence.ids {
      let (type, newType) = (before[id].type, tree[id]?.body.ext4Type)
      // A directory adds to its parent's link count, and a file does not.
      if type != nil && newType != nil && (type == .directory) != (newType == .directory) { return nil }
      self[id].type = newType
    }
    for id in divergence.ids {
      guard let directory = tree.directory(id) else { continue }
      touched.formUnion(directory.indices.lazy.map { directory.id(at: $0) })
      guard countNames(in: directory, of: id) else { return nil }
    }
    return touched.allSatisfy { self[$0].isSound } ? touched.sorted() : nil
  }

  private mutating func forgetNames(in directory: Directory, of id: InodeID) {
    for index in directory.indices {
      let child = directory.id(at: index)
      guard self[child].type == .directory else {
        self[child].links -= 1
        continue
      }
      self[child].links -= 2
      self[child].parent = nil
      self[id].links -= 1
    }
  }

  /// - Returns: whether each name leads to an inode, and no directory had a name before.
  private mutating func countNames(in directory: Directory, of id: InodeID) -> Bool {
    for index in directory.indices {
      let child = directory.id(at: index)
      switch self[child].type {
      case nil: return false
      case .directory?:
        guard self[child].parent == nil else { return false }
        self[child].links += 2
        self[child].parent = id
        self[id].links += 1
      default: self[child].links += 1
      }
    }
    return true
  }
}
