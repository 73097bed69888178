import Bytes

/// The descriptors of all groups, and the bitmaps that they tell of.
struct GroupRecords {
  /// The descriptor table, whole blocks.
  private(set) var table: [UInt8]
  /// The bitmaps that are not left uninitialized, and their blocks.
  private(set) var bitmaps: [(block: Int, bytes: [UInt8])] = []

  private let geometry: GroupGeometry
  private let checksums: MetadataChecksums

  /// - Parameter free: the blocks that nothing lies in, ascending.
  init(_ geometry: GroupGeometry, free: [Range<Int>], inodes: InodeTableRecords, checksums: MetadataChecksums) {
    self.geometry = geometry
    self.checksums = checksums
    table = Array(repeating: 0, count: geometry.descriptorBlocks * GroupGeometry.blockSize)
    var rest = free[...]
    for group in 0..<geometry.groupCount {
      let blocks = geometry.blocks(of: group)
      while let first = rest.first, first.upperBound <= blocks.lowerBound { rest.removeFirst() }
      let own = rest.prefix { $0.lowerBound < blocks.upperBound }.map { $0.clamped(to: blocks) }
      append(group, free: own, inodes: inodes)
    }
  }

  private mutating func append(_ group: Int, free: [Range<Int>], inodes: InodeTableRecords) {
    let tables = geometry.tables[group]
    let blocks = geometry.blocks(of: group)
    let freeCount = free.reduce(0) { $0 + $1.count }
    let use = inodes.groups[group]
    var flags: GroupFlags = .inodeTableZeroed
    var blockChecksum: UInt32 = 0
    var inodeChecksum: UInt32 = 0
    if isUntouched(group, freeCount: freeCount) {
      flags.insert(.blockUninit)
    } else {
      let bitmap = Self.bitmap(of: blocks, free: free)
      blockChecksum = checksums.bitmap(bitmap.span)
      bitmaps.append((tables.blockBitmap, bitmap))
    }
    if use.end == 0 {
      flags.insert(.inodeUninit)
    } else {
      let bitmap = inodes.bitmaps[group]
      inodeChecksum = checksums.bitmap(bitmap.span.extracting(0..<geometry.inodesPerGroup / 8))
      bitmaps.append((tables.inodeBitmap, bitmap))
    }

    var bytes = [UInt8](repeating: 0, count: GroupGeometry.descriptorSize)
    bytes.store(le: UInt32(tables.blockBitmap), at: 0x00)
    bytes.store(le: UInt32(tables.inodeBitmap), at: 0x04)
    bytes.store(le: UInt32(tables.inodeTable), at: 0x08)
    bytes.store(le: UInt16(freeCount), at: 0x0C)
    bytes.store(le: UInt16(geometry.inodesPerGroup - use.count), at: 0x0E)
    bytes.store(le: UInt16(use.directories), at: 0x10)
    bytes.store(le: flags.rawValue, at: 0x12)
    bytes.store(le: UInt16(truncatingIfNeeded: blockChecksum), at: 0x18)
    bytes.store(le: UInt16(truncatingIfNeeded: inodeChecksum), at: 0x1A)
    bytes.store(le: UInt16(geometry.inodesPerGroup - use.end), at: 0x1C)
    bytes.store(le: checksums.descriptor(bytes.span, group: group), at: 0x1E)
    table.store(bytes, at: group * GroupGeometry.descriptorSize)
  }

  /// Whether all that lies in `group` is its copy of the superblock, so that the kernel can tell the bitmap by itself
  /// (ext4_init_block_bitmap). The last group's is always written, for the bits behind its end.
  private func isUntouched(_ group: Int, freeCount: Int) -> Bool {
    group != geometry.groupCount - 1
      && freeCount == GroupGeometry.blocksPerGroup - geometry.headerBlocks(of: group)
  }

  /// The bitmap of a group's `blocks`; bits behind the last one are set.
  private static func bitmap(of blocks: Range<Int>, free: [Range<Int>]) -> [UInt8] {
    var bitmap = [UInt8](repeating: 0xFF, count: GroupGeometry.blockSize)
    for range in free {
      var bit = range.lowerBound - blocks.lowerBound
      let end = range.upperBound - blocks.lowerBound
      while bit < end {
        if bit.isMultiple(of: 8) && bit + 8 <= end {
          bitmap[bit / 8] = 0
          bit += 8
        } else {
          bitmap[bit / 8] &= ~(1 << UInt8(bit % 8))
          bit += 1
        }
      }
    }
    return bitmap
  }
}
