import FileTree

extension [Operation] {
  /// Appends what makes `inode` at `path`, without what a directory holds and without metadata.
  mutating func make(_ inode: Inode, at path: [UInt8]) {
    switch inode.body {
    case .directory: append(.makeDirectory(path))
    case .file(let content):
      append(.makeFile(path))
      fill(path, with: content)
    case .symlink(let target): append(.makeSymlink(path, target: target))
    // The file types of stat(2), S_IFCHR and S_IFBLK.
    case .characterDevice(let device): append(.makeNode(path, type: 0o020000, device))
    case .blockDevice(let device): append(.makeNode(path, type: 0o060000, device))
    case .fifo: append(.makeFifo(path))
    case .socket: append(.makeSocket(path))
    }
  }

  /// Appends what gives the empty file at `path` its content: holes stay holes.
  mutating func fill(_ path: [UInt8], with content: FileContent) {
    let ranges = content.dataRanges
    for range in ranges { append(.write(path, range)) }
    let end = ranges.last.map { $0.offset + $0.count } ?? 0
    if end < content.size { append(.truncate(path, size: content.size)) }
  }

  /// Appends the metadata of something new, in the order in which nothing undoes another: a new owner clears
  /// set-user-id and capabilities, permissions change an ACL's mask, and everything touches the times.
  mutating func finish(_ inode: Inode, at path: [UInt8]) {
    append(.setOwner(path, uid: inode.uid, gid: inode.gid))
    // Permissions of a symbolic link would go to what it points to.
    if !inode.isSymlink { append(.setMode(path, inode.mode)) }
    for attribute in inode.xattrs { append(.setAttribute(path, attribute)) }
    append(.setTimes(path, accessed: inode.accessed, modified: inode.modified, changed: inode.changed))
  }
}

/// The steps that make a whole subvolume out of nothing: parents before children, a directory's metadata after
/// all that it holds, further names of a file as links to its first.
struct CreationWalk: OperationSource {
  private let subvolume: Subvolume
  private var part = -1
  private var path: [UInt8] = []
  private var levels: [Level] = []
  private var severalNames: [InodeID: UInt32] = [:]
  /// The first path of each file that has several.
  private var firstPaths: [InodeID: [UInt8]] = [:]
  private var isDone = false

  /// A directory that is being filled.
  private struct Level {
    let id: InodeID
    let directory: Directory
    /// Where the directory's own path ends.
    let length: Int
    var next = 0
  }

  init(_ subvolume: Subvolume) { self.subvolume = subvolume }

  mutating func next(into operations: inout [Operation]) throws(BtrfsError) -> Bool {
    guard let depth = levels.indices.last else { return try nextPart(into: &operations) }
    let part = subvolume.parts[self.part]
    let level = levels[depth]
    path.removeSubrange(level.length...)
    guard level.next < level.directory.count else {
      levels.removeLast()
      if let inode = part.inode(level.id) { operations.finish(inode, at: path) }
      return true
    }
    levels[depth].next += 1
    path.append(0x2F)
    path.append(contentsOf: level.directory.name(at: level.next))
    let id = level.directory.id(at: level.next)
    if let first = firstPaths[id] {
      try Limits.check(path)
      operations.append(.link(path, existing: first))
      return true
    }
    guard let inode = part.inode(id) else { return true }
    try make(inode, id, into: &operations)
    return true
  }

  private mutating func nextPart(into operations: inout [Operation]) throws(BtrfsError) -> Bool {
    if isDone { return false }
    part += 1
    guard part < subvolume.parts.count else {
      operations.finish(subvolume.top, at: [])
      isDone = true
      return true
    }
    let tree = subvolume.parts[part].tree
    path = subvolume.parts[part].folder.bytes
    severalNames = tree.filesOfSeveralNames()
    firstPaths = [:]
    if let inode = subvolume.parts[part].inode(tree.root) { try make(inode, tree.root, into: &operations) }
    return true
  }

  private mutating func make(_ inode: Inode, _ id: InodeID, into operations: inout [Operation]) throws(BtrfsError) {
    try Limits.check(inode, at: path)
    operations.make(inode, at: path)
    if case .directory(let directory) = inode.body {
      levels.append(Level(id: id, directory: directory, length: path.count))
    } else {
      operations.finish(inode, at: path)
      if severalNames[id] != nil { firstPaths[id] = path }
    }
  }
}
