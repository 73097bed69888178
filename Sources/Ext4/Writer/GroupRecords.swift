import Bytes

/// The descriptors of all groups, and the bitmaps that they tell of.
struct GroupRecords {
  /// The descriptor table, whole blocks.
  private(set) var table: [UInt8]
  /// Each group's block bitmap; empty where it is left uninitialized.
  private(set) var blockBitmaps: [[UInt8]]

  private let geometry: GroupGeometry
  private let checksums: MetadataChecksums
  private var freeBlocks: [Int]

  /// - Parameter free: the blocks that nothing lies in, ascending.
  init(_ geometry: GroupGeometry, free: [Range<Int>], inodes: InodeTableRecords, checksums: MetadataChecksums) {
    self.geometry = geometry
    self.checksums = checksums
    table = Array(repeating: 0, count: geometry.descriptorBlocks * GroupGeometry.blockSize)
    blockBitmaps = Array(repeating: [], count: geometry.groupCount)
    freeBlocks = Array(repeating: 0, count: geometry.groupCount)
    var rest = free[...]
    for group in 0..<geometry.groupCount {
      let blocks = geometry.blocks(of: group)
      while let first = rest.first, first.upperBound <= blocks.lowerBound { rest.removeFirst() }
      let own = rest.prefix { $0.lowerBound < blocks.upperBound }.map { $0.clamped(to: blocks) }
      freeBlocks[group] = own.reduce(0) { $0 + $1.count }
      if !isUntouched(group) { blockBitmaps[group] = Self.bitmap(of: blocks, free: own) }
      describe(group, inodes: inodes)
    }
  }

  /// Notes that something lies in `blocks` now, or no longer; `describe` must follow for their groups.
  ///
  /// - Returns: those groups.
  mutating func mark(_ blocks: Range<Int>, used: Bool) -> Range<Int> {
    let first = blocks.lowerBound / GroupGeometry.blocksPerGroup
    let last = (blocks.upperBound - 1) / GroupGeometry.blocksPerGroup
    for group in first...last {
      let all = geometry.blocks(of: group)
      let part = blocks.clamped(to: all)
      if blockBitmaps[group].isEmpty {
        let free = all.lowerBound + geometry.headerBlocks(of: group)..<all.upperBound
        blockBitmaps[group] = Self.bitmap(of: all, free: [free])
      }
      Self.set(part.lowerBound - all.lowerBound..<part.upperBound - all.lowerBound, used, in: &blockBitmaps[group])
      freeBlocks[group] += used ? -part.count : part.count
    }
    return first..<last + 1
  }

  /// Writes the descriptor of `group`.
  mutating func describe(_ group: Int, inodes: InodeTableRecords) {
    let tables = geometry.tables[group]
    let use = inodes.groups[group]
    var flags: GroupFlags = .inodeTableZeroed
    var blockChecksum: UInt32 = 0
    var inodeChecksum: UInt32 = 0
    if blockBitmaps[group].isEmpty {
      flags.insert(.blockUninit)
    } else {
      let bitmap = blockBitmaps[group]
      blockChecksum = checksums.bitmap(bitmap.span)
    }
    if use.end == 0 {
      flags.insert(.inodeUninit)
    } else {
      let bitmap = inodes.bitmaps[group]
      inodeChecksum = checksums.bitmap(bitmap.span.extracting(0..<geometry.inodesPerGroup / 8))
    }

    var bytes = [UInt8](repeating: 0, count: GroupGeometry.descriptorSize)
    bytes.store(le: UInt32(tables.blockBitmap), at: 0x00)
    bytes.store(le: UInt32(tables.inodeBitmap), at: 0x04)
    bytes.store(le: UInt32(tables.inodeTable), at: 0x08)
    bytes.store(le: UInt16(freeBlocks[group]), at: 0x0C)
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
  /// (ext4_init_block_bitmap). The last group's is always written, for the bits after its end.
  private func isUntouched(_ group: Int) -> Bool {
    group != geometry.groupCount - 1
      && freeBlocks[group] == GroupGeometry.blocksPerGroup - geometry.headerBlocks(of: group)
  }

  /// The bitmap of a group's `blocks`; bits after the last one are set.
  private static func bitmap(of blocks: Range<Int>, free: [Range<Int>]) -> [UInt8] {
    var bitmap = [UInt8](repeating: 0xFF, count: GroupGeometry.blockSize)
    for range in free {
      set(range.lowerBound - blocks.lowerBound..<range.upperBound - blocks.lowerBound, false, in: &bitmap)
    }
    return bitmap
  }

  private static func set(_ bits: Range<Int>, _ value: Bool, in bitmap: inout [UInt8]) {
    var bit = bits.lowerBound
    while bit < bits.upperBound {
      if bit.isMultiple(of: 8) && bit + 8 <= bits.upperBound {
        bitmap[bit / 8] = value ? 0xFF : 0
        bit += 8
      } else {
        let mask = UInt8(1) << UInt8(bit % 8)
        if value { bitmap[bit / 8] |= mask } else { bitmap[bit / 8] &= ~mask }
        bit += 1
      }
    }
  }
}
