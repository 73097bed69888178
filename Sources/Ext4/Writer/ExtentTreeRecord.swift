import Bytes

/// Blocks of a file that lie one after another on the disk.
struct MappedExtent {
  /// The first block within the file.
  var logical: Int
  /// The first block on the disk.
  var physical: Int
  /// The number of blocks.
  var count: Int
}

/// The tree of a file's extents: a root in the inode, and blocks if there are more than four ("The Contents of inode.i_block"
/// in Documentation/filesystems/ext4/ifork.rst).
///
/// Every node is a header of 12 bytes and entries of 12: in leaves, extents; above them, the first block of the file that a
/// child speaks of, and the block in which the child lies. The root has the 60 bytes of `i_block`, hence four entries; a
/// block of 4 KiB has 340, and a checksum after them. A file of 1,000 extents has one level of blocks:
///
///     i_block     depth 1 │ from block 0 → 7,001 │ from block 45,000 → 7,002 │ from block 90,500 → 7,003
///     7,001       depth 0 │ 340 extents
///     7,002       depth 0 │ 340 extents
///     7,003       depth 0 │ 320 extents
///
/// One of 1,361 or more would need five blocks, one more than the root has entries, so a second level holds their numbers.
struct ExtentTreeRecord {
  private static let headerSize = 12
  private static let entrySize = 12
  private static let rootEntries = (InodeRecord.blockFieldSize - headerSize) / entrySize
  private static let blockEntries = (GroupGeometry.blockSize - headerSize - 4) / entrySize

  /// i_block.
  let root: [UInt8]
  /// The blocks, where the placement put them.
  let blocks: [(number: Int, bytes: [UInt8])]

  /// The number of blocks that the tree of so many extents needs.
  static func blockCount(extents: Int) -> Int {
    var nodes = extents
    var count = 0
    while nodes > rootEntries {
      nodes = nodes.dividedRoundingUp(by: blockEntries)
      count += nodes
    }
    return count
  }

  /// - Parameters:
  ///   - numbers: where the blocks of the tree are to lie, as many as `blockCount` says.
  ///   - seed: what their checksums continue from.
  init(_ extents: some Collection<MappedExtent>, blocks numbers: some Collection<Int>, seed: UInt32) {
    var blocks: [(number: Int, bytes: [UInt8])] = []
    var free = numbers.makeIterator()
    var depth = 0
    var level = Self.leafEntries(extents)
    while level.count > Self.rootEntries * Self.entrySize {
      var above: [UInt8] = []
      for start in stride(from: 0, to: level.count, by: Self.blockEntries * Self.entrySize) {
        guard let number = free.next() else {
          preconditionFailure("the caller gives as many blocks as `blockCount` says")
        }
        let part = level[start..<min(start + Self.blockEntries * Self.entrySize, level.count)]
        var bytes = Self.node(part, limit: Self.blockEntries, depth: depth, size: GroupGeometry.blockSize)
        let tail = Self.headerSize + Self.blockEntries * Self.entrySize
        bytes.store(le: MetadataChecksums.extentBlock(bytes.span, tail: tail, seed: seed), at: tail)
        blocks.append((number, bytes))
        above += Self.indexEntry(above: part, block: number)
      }
      level = above
      depth += 1
    }
    root = Self.node(level[...], limit: Self.rootEntries, depth: depth, size: InodeRecord.blockFieldSize)
    self.blocks = blocks
  }

  private static func node(_ entries: ArraySlice<UInt8>, limit: Int, depth: Int, size: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: size)
    bytes.store(le: Magic.extentHeader, at: 0)
    bytes.store(le: UInt16(entries.count / entrySize), at: 2)
    bytes.store(le: UInt16(limit), at: 4)
    bytes.store(le: UInt16(depth), at: 6)
    bytes.store(entries, at: headerSize)
    return bytes
  }

  private static func leafEntries(_ extents: some Collection<MappedExtent>) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: extents.count * entrySize)
    for (index, extent) in extents.enumerated() {
      bytes.store(le: UInt32(extent.logical), at: index * entrySize)
      bytes.store(le: UInt16(extent.count), at: index * entrySize + 4)
      bytes.store(le: UInt16(extent.physical >> 32), at: index * entrySize + 6)
      bytes.store(le: UInt32(truncatingIfNeeded: extent.physical), at: index * entrySize + 8)
    }
    return bytes
  }

  /// An entry for the block `number` with the entries `part`: entries of both kinds begin with the first block within
  /// the file.
  private static func indexEntry(above part: ArraySlice<UInt8>, block number: Int) -> [UInt8] {
    var bytes = Array(part.prefix(4))
    bytes.append(le: UInt32(truncatingIfNeeded: number))
    bytes.append(le: UInt16(number >> 32))
    bytes.append(le: UInt16(0))
    return bytes
  }
}
