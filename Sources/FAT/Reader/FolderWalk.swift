import FileTree
import Storage

/// Makes a tree of a FAT, folder by folder.
struct FolderWalk {
  private let source: any ByteSource
  private let boot: BootSector
  private let policy: ReadPolicy
  private var chains: ClusterChains
  private var folders: [Folder] = []

  /// A folder that was found, and whose entries are read in its turn.
  private struct Folder {
    let id: InodeID
    /// 0 if it has none: an empty folder, as Linux takes it.
    let firstCluster: UInt32
    /// Which of `folders` holds it, and as what; nil for the root.
    let parent: (index: Int, name: Name)?
    let depth: Int
  }

  init(_ source: any ByteSource, _ boot: BootSector, _ chains: ClusterChains, _ policy: ReadPolicy) {
    self.source = source
    self.boot = boot
    self.policy = policy
    self.chains = chains
  }

  /// The tree whose root directory has the bytes `root`.
  mutating func tree(root: [UInt8]) throws(FATError) -> FileTree {
    let inode = Inode(mode: 0o755, time: FATTime(date: 0).timestamp, body: .directory(Directory()))
    var tree = FileTree(flavor: .fat, inode: inode)
    folders = [Folder(id: tree.root, firstCluster: 0, parent: nil, depth: 0)]
    try read(root, of: 0, into: &tree)
    var index = 1
    while index < folders.count {
      let cluster = folders[index].firstCluster
      if cluster != 0 {
        let folders = folders
        try chains.followFolder(from: cluster, path: Self.path(of: index, in: folders))
        let bytes = try source.bytes(of: chains.extents)
        checkDots(bytes.span, of: index)
        try read(bytes, of: index, into: &tree)
      } else {
        warn("a folder without a cluster is taken as empty", at: path(of: index))
      }
      index += 1
    }
    return tree
  }

  /// Adds the entries in `bytes` to `tree`, as those of the folder at `index`.
  private mutating func read(_ bytes: [UInt8], of index: Int, into tree: inout FileTree) throws(FATError) {
    var directory = Directory()
    var names = FolderNames()
    var entries = DirectoryParser(bytes, width: boot.width)
    while let entry = entries.next() {
      if entry.isLabel {
        if index == 0 { tree[tree.root]?.setTimes(of: entry) }
        continue
      }
      let name = entries.name
      guard name.count <= 255 else { throw .unsupported(.longName(folder: path(of: index), bytes: name.count)) }
      guard Name.isValid(name) else { throw .corrupt(.name(folder: path(of: index), entry: entries.index)) }
      if let other = names.insert(name) { throw .corrupt(twice(name, other, in: index)) }
      let start = 32 * entries.index
      if !names.insert(shortName: bytes.span.extracting(start..<start + 11)) {
        warn("another file has its short name too", at: path(of: index, name))
      }
      if entry.isFolder, entry.size != 0 {
        warn("a folder with a size of \(entry.size) bytes", at: path(of: index, name))
      }
      let body: Inode.Body =
        if entry.isFolder { .directory(Directory()) } else { .file(try content(of: entry, name, in: index)) }
      var inode = Inode(mode: entry.isFolder ? 0o755 : 0o644, time: Timestamp(seconds: 0), body: body)
      inode.attributes = FATAttributes(rawValue: entry.attributes & 0x27)
      inode.setTimes(of: entry)
      let id = tree.add(inode)
      directory.appendUnsorted(name.span, id)
      if entry.isFolder { try append(id, firstCluster: entry.firstCluster, called: name, in: index) }
    }
    for oddity in entries.oddities.descriptions { warn(oddity, at: path(of: index)) }
    if let twice = directory.sort() { throw .corrupt(.duplicate(path(of: index).appending(twice))) }
    tree[folders[index].id]?.body = .directory(directory)
  }

  /// The fault of a name that was there before as `other`.
  private func twice(_ name: [UInt8], _ other: [UInt8], in index: Int) -> FATError.Corruption {
    guard name != other, let other = Name(other) else { return .duplicate(path(of: index, name)) }
    return .sameButForCase(path(of: index, name), other)
  }

  /// Warns of a folder whose first two entries do not lead where they should.
  private func checkDots(_ bytes: Span<UInt8>, of index: Int) {
    let folder = folders[index]
    guard let parent = folder.parent?.index else { return }
    var parents = [folders[parent].firstCluster]
    // 0 stands for the root, also where it has a cluster; some programs write that cluster all the same.
    if parent == 0, case .chain(let root) = boot.root { parents.append(root) }
    let dots = DotEntries(parsing: bytes, width: boot.width)
    if let problem = dots.problem(own: folder.firstCluster, parents: parents) { warn(problem, at: path(of: index)) }
  }

  private func warn(_ problem: String, at path: @autoclosure () -> TreePath) { policy.warn("\(path()): \(problem)") }

  /// Puts a folder into the queue.
  private mutating func append(
    _ id: InodeID, firstCluster: UInt32, called name: [UInt8], in index: Int
  ) throws(FATError) {
    guard let name = Name(name) else { return }
    let depth = folders[index].depth + 1
    // Each level costs an image no more than a cluster, but every user of the tree a level of its stack.
    guard depth <= 1024 else { throw .unsupported(.depth(path(of: index))) }
    folders.append(Folder(id: id, firstCluster: firstCluster, parent: (index, name), depth: depth))
  }

  /// Where the content of a file lies.
  private mutating func content(
    of entry: DirectoryEntry, _ name: [UInt8], in index: Int
  ) throws(FATError) -> FileContent {
    let folders = folders
    guard entry.size > 0 else {
      if entry.firstCluster != 0 { warn("an empty file with a cluster", at: path(of: index, name)) }
      return FileContent(bytes: [])
    }
    let isLonger = try chains.followFile(
      from: entry.firstCluster, size: entry.size, path: Self.path(of: index, in: folders, name))
    if isLonger { warn("its chain goes on after its end", at: path(of: index, name)) }
    return FileContent(size: entry.size, source: source, extents: chains.extents)
  }

  private func path(of index: Int, _ last: [UInt8]? = nil) -> TreePath { Self.path(of: index, in: folders, last) }

  /// The path of `last` in the folder at `index`, or of the folder itself; put together only when something is wrong.
  private static func path(of index: Int, in folders: [Folder], _ last: [UInt8]? = nil) -> TreePath {
    var names = last.flatMap { Name($0) }.map { [$0] } ?? []
    var next = folders[index].parent
    while let parent = next {
      names.append(parent.name)
      next = folders[parent.index].parent
    }
    return TreePath(names.reversed())
  }
}

extension Inode {
  /// Takes over the times of `entry`. FAT does not say when an inode changed: like Linux, when its content did.
  fileprivate mutating func setTimes(of entry: DirectoryEntry) {
    modified = entry.modified.timestamp
    changed = modified
    accessed = entry.accessed.timestamp
    created = entry.created.timestamp
  }
}
