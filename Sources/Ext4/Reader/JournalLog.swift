import Bytes
import Storage

/// A journal as a numbered list of blocks, whichever place of the image each of them has.
struct JournalLog {
  let superblock: JournalSuperblock
  let blockSize: Int
  private let source: any ByteSource
  private let extents: ContentExtents

  /// Opens the journal that is inode `inode`, whose content `map` has found.
  ///
  /// - Throws: `Ext4Error` if it is no journal that can be read.
  init(_ map: ContentMap, inode: UInt32, of reader: MetadataReader) throws(Ext4Error) {
    source = reader.source
    blockSize = reader.superblock.blockSize
    extents = ContentExtents(map)
    let first = try Self.bytes(of: 0, extents, source, blockSize)
    superblock = try JournalSuperblock(
      parsing: first.span, blockCount: map.size / blockSize, inode: inode, policy: reader.policy)
  }

  /// Reads block `number`.
  ///
  /// - Throws: `Ext4Error` if the journal has a hole there.
  func block(_ number: Int) throws(Ext4Error) -> [UInt8] {
    try Self.bytes(of: number, extents, source, blockSize)
  }

  /// Where in the image block `number` lies.
  func place(of number: Int) throws(Ext4Error) -> Int {
    try Self.place(of: number, extents, blockSize)
  }

  private static func bytes(
    of number: Int, _ extents: ContentExtents, _ source: any ByteSource, _ blockSize: Int
  ) throws(Ext4Error) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: blockSize)
    try source.fill(&bytes, from: place(of: number, extents, blockSize))
    return bytes
  }

  private static func place(of number: Int, _ extents: ContentExtents, _ blockSize: Int) throws(Ext4Error) -> Int {
    guard let place = extents.place(of: number * blockSize, count: blockSize) else {
      throw .corrupt(.hole, at: .journal(block: number))
    }
    return place
  }
}
