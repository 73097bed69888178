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

/// The tree of a file's extents: a root in the inode, and blocks if there are more than four.
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
        guard let number = free.next() else { preconditionFailure("a block for every node") }
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
