import Bytes
import FileTree
import Storage

/// Reads the metadata of one file system, each piece once.
struct MetadataReader {
  let source: any ByteSource
  let superblock: Ext4Superblock
  let policy: ReadPolicy
  var tables: InodeTables
  /// The values of attributes that are inodes of their own, by number: several files can share one.
  var xattrValues: [UInt32: [UInt8]] = [:]
  /// The attributes of blocks, by number: several files can share one.
  var xattrBlocks: [Int: [ExtendedAttribute]] = [:]
  private var claims = BlockClaims()
  /// How many pieces of content may still be found.
  private var pieceBudget = Self.pieceLimit

  /// The most pieces that the contents of all files may lie in: 32 Mi of them take 800 MB of memory.
  private static let pieceLimit = 1 << 25

  init(
    _ superblock: Ext4Superblock, _ groups: [GroupDescriptor], in source: any ByteSource, policy: ReadPolicy
  ) {
    self.superblock = superblock
    self.policy = policy
    self.source = source
    tables = InodeTables(superblock, groups, in: source)
  }

  /// Reads block `block`, which belongs to `inode` and to nothing else.
  mutating func block(_ block: Int, of inode: UInt32) throws(Ext4Error) -> [UInt8] {
    try checkRange(block, count: 1, of: inode)
    try claim(block, count: 1, for: inode)
    var bytes = [UInt8](repeating: 0, count: superblock.blockSize)
    try source.fill(&bytes, from: block * superblock.blockSize)
    return bytes
  }

  /// Notes that `count` blocks from `start` on, which lie within the file system, belong to `inode`.
  mutating func claim(_ start: Int, count: Int, for inode: UInt32) throws(Ext4Error) {
    if let taken = claims.claim(start, count: count) {
      throw .corrupt(.sharedBlock, at: .block(taken, inode: inode))
    }
  }

  /// Throws unless `count` blocks from `start` on lie after the superblock and within the file system.
  func checkRange(_ start: Int, count: Int, of inode: UInt32) throws(Ext4Error) {
    let isInside = start > superblock.firstDataBlock && start < superblock.blockCount
    guard isInside, count <= superblock.blockCount - start else {
      throw .corrupt(.blockRange(start: start, count: count, end: superblock.blockCount), at: .inode(inode))
    }
  }

  /// Adds `count` blocks from `start` on as the blocks of `inode` from `logical` on.
  func append(_ logical: Int, _ start: Int, count: Int, of inode: UInt32, to map: inout ContentMap) throws(Ext4Error) {
    try checkRange(start, count: count, of: inode)
    let size = superblock.blockSize
    map.append(offset: logical * size, sourceOffset: start * size, count: count * size)
    guard map.count <= pieceBudget else { throw .unsupported("more than \(Self.pieceLimit) pieces of content") }
  }

  /// Finds where the content of `inode` lies, whose `i_block` is given.
  mutating func map(_ inode: DiskInode, _ i_block: Span<UInt8>) throws(Ext4Error) -> ContentMap {
    var map = ContentMap(size: inode.size)
    if inode.layout.contains(.extents) {
      try mapExtents(of: inode, root: i_block, into: &map)
    } else {
      try mapBlocks(of: inode, i_block, into: &map)
    }
    pieceBudget -= map.count
    return map
  }

  /// The content that `map` has found. It is a part of the image itself where it can be, so that it can be copied
  /// without being read: only what the journal replaces lies in the replayed source.
  func content(_ map: ContentMap) -> FileContent {
    guard let replayed = source as? ReplayedSource else { return map.content(in: source) }
    let isReplaced = map.extents.contains { replayed.replaces($0.sourceOffset, count: $0.count) }
    return map.content(in: isReplaced ? replayed : replayed.base)
  }

  /// Where in `source` a content lies that it holds; nothing for one that lies elsewhere.
  func places(of content: FileContent) -> [Range<Int>] {
    content.runs.compactMap { run in
      guard case .source(let source, let offset, let count) = run, source === self.source else { return nil }
      return offset..<offset + count
    }
  }

  /// Reads the whole content of `inode`, which belongs to nothing else and has no holes.
  mutating func bytes(_ map: ContentMap, of inode: UInt32) throws(Ext4Error) -> [UInt8] {
    guard map.isWhole else { throw .corrupt(.hole, at: .inode(inode)) }
    var bytes = [UInt8](repeating: 0, count: map.size)
    for extent in map.extents {
      let size = superblock.blockSize
      try claim(extent.sourceOffset / size, count: extent.count.dividedRoundingUp(by: size), for: inode)
      try source.fill(&bytes, range: extent.offset..<extent.offset + extent.count, from: extent.sourceOffset)
    }
    return bytes
  }
}
