import Bytes
import FileTree
import Storage

/// Walks a file system from its root, level by level, so that inodes are read in the order of their tables and
/// directories in the order of their blocks.
struct TreeBuilder {
  private var reader: MetadataReader
  private var tree: FileTree
  /// What directories are read into.
  private var buffer: [UInt8] = []
  /// The directories of `tree` that were not read, if it is read as it is looked at.
  private var pending: [InodeID: PendingDirectory] = [:]
  private let unread = UnreadDirectories()
  /// Whether all of the tree is read, and links can be counted.
  private var isWhole = true

  /// Directories are read this many bytes at a time: a multiple of every block size.
  private static let chunkSize = 1 << 20
  /// Trees have inode numbers up to this one: what a disk of 1 TiB has.
  private static let inodeLimit = 1 << 26

  /// Reads the whole tree of the file system that `reader` reads.
  static func tree(_ reader: MetadataReader) throws(Ext4Error) -> FileTree {
    var (builder, root, _) = try start(reader)
    var level = [root]
    while !level.isEmpty { level = try builder.open(level) }
    return builder.tree
  }

  /// Reads what `look` looks at of the tree of the file system that `reader` reads.
  ///
  /// `look` is called again after each reading, until it looked into no directory that was not read. The last time is the one
  /// that counts; before that, some directories seem empty to it.
  static func look(
    _ reader: MetadataReader, expecting paths: [TreePath], _ look: (FileTree) -> Void
  ) throws(Ext4Error) {
    var (builder, root, links) = try start(reader)
    builder.isWhole = false
    builder.tree.statedLinkCounts[builder.tree.root] = UInt32(links)
    builder.leave([root])
    repeat {
      for path in paths { _ = builder.tree.find(path).flatMap { builder.tree.directory($0) }?.count }
    } while try builder.openAsked()
    repeat { look(builder.tree) } while try builder.openAsked()
  }

  /// Reads the directories that somebody looked into.
  ///
  /// - Returns: whether there were any.
  private mutating func openAsked() throws(Ext4Error) -> Bool {
    let asked = unread.takeAsked().compactMap { pending.removeValue(forKey: $0) }
    if !asked.isEmpty { leave(try open(asked)) }
    return !asked.isEmpty
  }

  /// A tree of the root alone, whose entries are still to be read.
  private static func start(
    _ reader: MetadataReader
  ) throws(Ext4Error) -> (TreeBuilder, root: PendingDirectory, links: UInt16) {
    var reader = reader
    let root = try reader.inode(ReservedInode.root, parent: ReservedInode.root)
    guard let directory = root.directory else {
      throw .corrupt("the root, but no directory", at: .inode(ReservedInode.root))
    }
    let tree = FileTree(root: InodeID(ReservedInode.root), inode: root.inode)
    return (TreeBuilder(reader: reader, tree: tree), directory, root.links)
  }

  private init(reader: MetadataReader, tree: FileTree) {
    self.reader = reader
    self.tree = tree
  }

  /// Reads the entries of `directories`, and the inodes that they name.
  ///
  /// - Returns: the directories among those.
  private mutating func open(_ directories: [PendingDirectory]) throws(Ext4Error) -> [PendingDirectory] {
    let level = directories.sorted { ($0.start, $0.number) < ($1.start, $1.number) }
    return try load(read(level), namedIn: level)
  }

  private mutating func leave(_ directories: [PendingDirectory]) {
    for directory in directories {
      let id = InodeID(directory.number)
      pending[id] = directory
      tree[id]?.body = .directory(Directory(unread: id, in: unread))
    }
  }

  /// Reads the entries of `directories`.
  ///
  /// - Returns: the inodes that they name, some more than once.
  private mutating func read(_ directories: [PendingDirectory]) throws(Ext4Error) -> [NamedChild] {
    var children: [NamedChild] = []
    let hasTypes = reader.superblock.incompat.contains(.filetype)
    for (index, directory) in directories.enumerated() {
      var entries = DirectoryEntries(hasTypes: hasTypes, place: index)
      var parent: UInt32?
      switch directory.place {
      case .inline(let number, let parts):
        parent = number
        for part in parts { try entries.append(parsing: part.span, of: directory.number) }
      case .blocks(let map):
        for extent in map.extents { try read(extent, of: directory, into: &entries) }
      }
      try entries.finish(of: directory.number)
      parent = parent ?? entries.parent
      if parent != directory.parent {
        let found = parent.map { "leads to inode \($0)" } ?? "is missing"
        reader.policy.warn("inode \(directory.number): `..` \(found), but the parent is inode \(directory.parent)")
      }
      children += entries.children
      tree[InodeID(directory.number)]?.body = .directory(entries.directory)
    }
    return children
  }

  private mutating func read(
    _ extent: FileExtent, of directory: PendingDirectory, into entries: inout DirectoryEntries
  ) throws(Ext4Error) {
    let blockSize = reader.superblock.blockSize
    try reader.claim(extent.sourceOffset / blockSize, count: extent.count / blockSize, for: directory.number)
    for start in stride(from: 0, to: extent.count, by: Self.chunkSize) {
      let count = min(Self.chunkSize, extent.count - start)
      if buffer.count < count { buffer = [UInt8](repeating: 0, count: count) }
      try reader.source.fill(&buffer, range: 0..<count, from: extent.sourceOffset + start)
      for offset in stride(from: 0, to: count, by: blockSize) {
        let block = buffer.span.extracting(offset..<offset + blockSize)
        if reader.superblock.checksums != nil && !block.hasDirectoryChecksum(seed: directory.checksumSeed) {
          let number = (extent.sourceOffset + start + offset) / blockSize
          try reader.policy.meetWrongChecksum(at: .block(number, inode: directory.number))
        }
        try entries.append(parsing: block, of: directory.number)
      }
    }
  }

  /// Reads the inodes of `numbers` that are not in the tree yet.
  ///
  /// - Returns: the directories among them.
  private mutating func load(
    _ children: [NamedChild], namedIn level: [PendingDirectory]
  ) throws(Ext4Error) -> [PendingDirectory] {
    var directories: [PendingDirectory] = []
    for child in children.sorted() {
      let id = InodeID(child.number)
      if let known = tree[id] {
        // A second name is a hard link, and directories have none: this also ends all circles.
        guard tree.directory(id) == nil else { throw .corrupt("a directory with two names", at: .inode(child.number)) }
        check(child, is: known, in: level)
        continue
      }
      try checkName(of: child.number)
      let parent = level[child.place].number
      let loaded = try reader.inode(child.number, parent: parent)
      check(child, is: loaded.inode, in: level)
      tree[id] = loaded.inode
      if !isWhole { tree.statedLinkCounts[id] = UInt32(loaded.links) }
      if let directory = loaded.directory { directories.append(directory) }
    }
    return directories
  }

  /// Warns if the entry tells another type than the inode has: the kernel goes by the inode too.
  private func check(_ child: NamedChild, is inode: Inode, in level: [PendingDirectory]) {
    guard child.type != 0, child.type != inode.body.entryType else { return }
    let folder = level[child.place].number
    reader.policy.warn(
      "inode \(folder): an entry says that inode \(child.number) is of type \(child.type), "
        + "but it is of type \(inode.body.entryType)")
  }

  /// Throws unless inode `number` may have a name.
  private func checkName(of number: UInt32) throws(Ext4Error) {
    guard number >= reader.superblock.firstInode, !reader.superblock.internalInodes.contains(number) else {
      throw .corrupt("named, but reserved", at: .inode(number))
    }
    guard number <= Self.inodeLimit || Int(number) > reader.superblock.inodeCount else {
      throw .unsupported("inode numbers above \(Self.inodeLimit)")
    }
  }
}

extension Inode.Body {
  /// The type as a directory entry tells it.
  fileprivate var entryType: UInt8 {
    let type: InodeType =
      switch self {
      case .file: .file
      case .directory: .directory
      case .characterDevice: .characterDevice
      case .blockDevice: .blockDevice
      case .fifo: .fifo
      case .socket: .socket
      case .symlink: .symlink
      }
    return type.entryType
  }
}
