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
      if isDirectory(old) { throw .isDirectory(real) }
      countNames()
      if severalNames?[old] == nil {
        self[old] = inode
        return old
      }
      loseName(of: old)
    }
    let id = add(inode)
    directory[name] = id
    replaceEntries(of: parent, by: directory)
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
      replaceEntries(of: here, by: parent)
      here = id
    }
    guard directory(here) != nil else { throw .notDirectory(real) }
    return here
  }

  /// Gives what is at `path` another last name in the same folder; a link itself, not what it points to.
  ///
  /// - Throws: `TreeError.missing` if nothing is there; `.taken` if something has the name already.
  package mutating func renameLast(of path: TreePath, to name: Name) throws(TreeError) {
    let real = try resolve(path, followingLast: false)
    guard let old = real.names.last, let parent = idWithoutLinks(at: real.parent), var directory = directory(parent),
      let id = directory[old]
    else { throw .missing(path) }
    guard directory[name] == nil else { throw .taken(real.parent.appending(name)) }
    directory[old] = nil
    directory[name] = id
    replaceEntries(of: parent, by: directory)
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
    countNames()
    directory[name] = nil
    replaceEntries(of: parent, by: directory)
    removeName(of: id)
    return true
  }

  /// Takes one name, which no folder has any more, from `id`, and forgets what has none left: `id`, and what only it led to.
  private mutating func removeName(of id: InodeID) {
    var nameless = [id]
    while let next = nameless.popLast() {
      // A file under a removed folder may have other names elsewhere.
      if severalNames?[next] != nil {
        loseName(of: next)
        continue
      }
      guard let inode = self[next] else { continue }
      if case .directory(let directory) = inode.body {
        for index in directory.indices { nameless.append(directory.id(at: index)) }
      }
      let names = severalNames
      self[next] = nil
      severalNames = names
    }
  }

  /// Counts the names of files now, unless it is known how many they have: copies then need not count them each.
  private mutating func countNames() { severalNames = filesOfSeveralNames() }

  /// Looks up now which names lead to each inode: copies then need not do so each, nor what tells how they depart from this tree.
  package mutating func indexNames() {
    countNames()
    if nameIndex == nil { nameIndex = NameIndex(of: self) }
  }

  /// How many names those have that are no directories and have several. Only counted where no edit has kept it.
  package func filesOfSeveralNames() -> [InodeID: UInt32] {
    if let severalNames { return severalNames }
    var several: [InodeID: UInt32] = [:]
    linkCounts().forEach { id, count in
      if count > 1 && !isDirectory(id) { several[id] = count }
    }
    return several
  }

  /// Notes that `id`, which has several names, has one less.
  private mutating func loseName(of id: InodeID) {
    guard let count = severalNames?[id] else { return }
    severalNames?[id] = count > 2 ? count - 1 : nil
  }

  /// Gives the folder `id` entries that `severalNames` knows of already.
  private mutating func replaceEntries(of id: InodeID, by directory: Directory) {
    let names = severalNames
    self[id]?.body = .directory(directory)
    severalNames = names
  }
}
