import Bytes
import FileTree
import Storage

/// Makes a tree of directories and inodes as they are read.
struct TreeBuilder {
  private(set) var reader: MetadataReader
  private(set) var tree: FileTree
  /// The directories that were read last, or all where `isWhole` is false; `NamedChild.place` counts in them.
  private var parents: [UInt32] = []
  /// What directories are read into.
  private var buffer: [UInt8] = []
  /// Whether all of the tree will be read, and links can be counted.
  private let isWhole: Bool

  /// Directories are read this many bytes at a time: a multiple of every block size.
  private static let chunkSize = 1 << 20
  /// Trees have inode numbers up to this one: what a disk of 1 TiB has.
  private static let inodeLimit = 1 << 26

  /// Reads the whole tree of the file system that `reader` reads: level by level, so that inodes are read in the order of their
  /// tables and directories in the order of their blocks.
  static func tree(_ reader: MetadataReader) throws(Ext4Error) -> FileTree {
    var (builder, root) = try start(reader, isWhole: true)
    var level = [root]
    while !level.isEmpty {
      builder.parents.removeAll(keepingCapacity: true)
      level = try builder.load(builder.read(level))
    }
    return builder.tree
  }

  /// A tree of the root alone, whose entries are still to be read.
  static func start(
    _ reader: MetadataReader, isWhole: Bool
  ) throws(Ext4Error) -> (TreeBuilder, root: PendingDirectory) {
    var reader = reader
    let root = try reader.inode(ReservedInode.root, parent: ReservedInode.root)
    guard let directory = root.directory else {
      throw .corrupt(.root, at: .inode(ReservedInode.root))
    }
    let tree = FileTree(root: InodeID(ReservedInode.root), inode: root.inode)
    var builder = TreeBuilder(reader: reader, tree: tree, isWhole: isWhole)
    if !isWhole { builder.tree.statedLinkCounts[tree.root] = UInt32(root.links) }
    return (builder, directory)
  }

  private init(reader: MetadataReader, tree: FileTree, isWhole: Bool) {
    self.reader = reader
    self.tree = tree
    self.isWhole = isWhole
  }

  /// Puts `directory` in the place of the one that `id` is.
  mutating func replace(_ id: InodeID, by directory: Directory) { tree[id]?.body = .directory(directory) }

  /// Makes room for inodes up to `number`: nothing else gets a number that a name leads to.
  mutating func makeRoom(upTo number: UInt32) { if tree[InodeID(number)] == nil { tree[InodeID(number)] = nil } }

  /// Reads the entries of `directories`.
  ///
  /// - Returns: the inodes that they name, some more than once.
  mutating func read(_ directories: [PendingDirectory]) throws(Ext4Error) -> [NamedChild] {
    var children: [NamedChild] = []
    let hasTypes = reader.superblock.incompat.contains(.filetype)
    for directory in directories.sorted(by: { ($0.start, $0.number) < ($1.start, $1.number) }) {
      var entries = DirectoryEntries(hasTypes: hasTypes, place: parents.count)
      parents.append(directory.number)
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

  /// Reads the inodes of `children` that are not in the tree yet.
  ///
  /// - Returns: the directories among them.
  mutating func load(_ children: [NamedChild]) throws(Ext4Error) -> [PendingDirectory] {
    var directories: [PendingDirectory] = []
    for child in children.sorted() {
      let id = InodeID(child.number)
      if tree.contains(id), let known = tree[id] {
        // A second name is a hard link, and directories have none: this also ends all circles.
        guard tree.directory(id) == nil else { throw .corrupt(.secondDirectoryName, at: .inode(child.number)) }
        check(child, is: known)
        continue
      }
      try checkName(of: child.number)
      let loaded = try reader.inode(child.number, parent: parents[child.place])
      check(child, is: loaded.inode)
      tree[id] = loaded.inode
      if !isWhole { tree.statedLinkCounts[id] = UInt32(loaded.links) }
      if let directory = loaded.directory { directories.append(directory) }
    }
    return directories
  }

  /// Warns if the entry tells another type than the inode has: the kernel goes by the inode too.
  private func check(_ child: NamedChild, is inode: Inode) {
    let type = inode.body.ext4Type.entryType
    guard child.type != .unknown, child.type != type else { return }
    reader.policy.warn(
      "inode \(parents[child.place]): an entry says that inode \(child.number) is of type \(child.type.rawValue), "
        + "but it is of type \(type.rawValue)")
  }

  /// Throws unless inode `number` may have a name: all that can be told without reading it.
  func checkName(of number: UInt32) throws(Ext4Error) {
    guard number >= reader.superblock.firstInode, !reader.superblock.internalInodes.contains(number) else {
      throw .corrupt(.reservedInode, at: .inode(number))
    }
    guard number <= Self.inodeLimit || Int(number) > reader.superblock.inodeCount else {
      throw .unsupported("inode numbers above \(Self.inodeLimit)")
    }
    _ = try reader.tables.place(of: number)
  }
}
