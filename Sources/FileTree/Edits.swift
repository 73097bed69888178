import Storage

extension FileTree {
  /// Changes the inode at `path`, links followed.
  ///
  /// - Throws: `TreeError.missing` if there is none.
  package mutating func modify<Failure>(
    _ path: TreePath, followingLast: Bool = true, _ change: (inout Inode) throws(Failure) -> Void
  ) throws where Failure: Error {
    let real = try resolve(path, followingLast: followingLast)
    guard let id = idWithoutLinks(at: real), var inode = self[id] else { throw TreeError.missing(path) }
    try change(&inode)
    self[id] = inode
  }

  /// Puts `inode` at `path`, in place of what is there; links on the way are followed, the last name's own with
  /// `followingLast`.
  ///
  /// A file that had several names gets an inode of its own under this one: the others stay as they are. A file
  /// replaced under its only name keeps its inode number.
  ///
  /// - Throws: `TreeError` if the folder is not there, or `path` is the root or a directory that a non-directory would
  ///   replace.
  @discardableResult
  package mutating func put(
    _ inode: Inode, at path: TreePath, followingLast: Bool = true
  ) throws(TreeError) -> InodeID {
    let real = try resolve(path, followingLast: followingLast)
    guard let name = real.names.last else { throw .isDirectory(path) }
    guard let parent = idWithoutLinks(at: real.parent) else { throw .missing(real.parent) }
    guard var directory = directory(parent) else { throw .notDirectory(real.parent) }
    if let old = directory[name] {
      if self.directory(old) != nil { throw .isDirectory(real) }
      if nameCount(of: old) == 1 {
        self[old] = inode
        return old
      }
    }
    let id = add(inode)
    directory[name] = id
    self[parent]?.body = .directory(directory)
    return id
  }

  /// Makes the folder at `path`, and those above it, where they are missing; new ones get the owner, mode and time of
  /// `like`, which need not be a directory itself.
  ///
  /// - Throws: `TreeError.notDirectory` if something else is in the way.
  @discardableResult
  package mutating func makeDirectory(_ path: TreePath, like: Inode) throws(TreeError) -> InodeID {
    let real = try resolve(path)
    var here = root
    for (depth, name) in real.names.enumerated() {
      guard var parent = directory(here) else { throw .notDirectory(TreePath(Array(real.names[..<depth]))) }
      if let next = parent[name] {
        here = next
        continue
      }
      var inode = like
      inode.body = .directory(Directory())
      inode.xattrs = []
      let id = add(inode)
      parent[name] = id
      self[here]?.body = .directory(parent)
      here = id
    }
    guard directory(here) != nil else { throw .notDirectory(real) }
    return here
  }

  /// Removes what is at `path`, a folder with all that it holds; a link itself, not what it points to.
  ///
  /// - Returns: whether anything was there.
  /// - Throws: `TreeError` if a name on the way is not a directory, or `path` is the root.
  @discardableResult
  package mutating func remove(_ path: TreePath) throws(TreeError) -> Bool {
    let real = try resolve(path, followingLast: false)
    guard let name = real.names.last else { throw .isDirectory(path) }
    guard let parent = idWithoutLinks(at: real.parent), var directory = directory(parent), let id = directory[name]
    else { return false }
    directory[name] = nil
    self[parent]?.body = .directory(directory)
    dropUnnamed(startingAt: id)
    return true
  }

  /// Forgets `id` if no name leads to it any more, and what only it led to.
  private mutating func dropUnnamed(startingAt id: InodeID) {
    var orphans = [id]
    let counts = linkCounts()
    var lost: [InodeID: UInt32] = [:]
    while let next = orphans.popLast() {
      guard let inode = self[next] else { continue }
      guard case .directory(let directory) = inode.body else {
        // A file under a removed folder may have other names elsewhere.
        let gone = lost[next, default: 0]
        if counts[Int(next.number)] <= gone { self[next] = nil }
        continue
      }
      for index in directory.indices {
        let child = directory.id(at: index)
        lost[child, default: 0] += 1
        orphans.append(child)
      }
      self[next] = nil
    }
  }

  /// How many names lead to `id`.
  private func nameCount(of id: InodeID) -> Int {
    Int(linkCounts()[Int(id.number)])
  }
}
