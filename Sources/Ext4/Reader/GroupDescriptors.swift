import Bytes
import Storage

/// What a reader needs to know of a block group.
struct GroupDescriptor: Sendable {
  /// The first block of its inode table; the table lies within the file system.
  let inodeTable: Int
  /// How many inodes, from the first of the group on, can be in use.
  let usedInodes: Int
  /// The bitmaps that are written and have a checksum: none without `metadata_csum`.
  let bitmaps: [Bitmap]

  /// A bitmap of what is in use.
  struct Bitmap {
    let block: Int
    /// How many bytes of the block count.
    let byteCount: Int
    /// The checksum, or its lower half if the descriptor has no room for more.
    let checksum: UInt32
    let checksumMask: UInt32
  }

  /// Parses the descriptor of `group` (struct ext4_group_desc, fs/ext4/ext4.h).
  init(
    parsing bytes: Span<UInt8>, group: Int, of superblock: Ext4Superblock, policy: ReadPolicy
  ) throws(Ext4Error) {
    let bg_checksum: UInt16 = bytes.le(0x1E)
    if let checksums = superblock.checksums {
      if bg_checksum != checksums.descriptor(bytes, group: group) {
        try policy.meetWrongChecksum(at: .group(group))
      }
    } else if superblock.readOnlyCompat.contains(.gdtCsum) {
      if bg_checksum != uninitGroupChecksum(bytes, group: group, uuid: superblock.uuid) {
        try policy.meetWrongChecksum(at: .group(group))
      }
    }
    let bg_inode_table_hi: UInt32 = bytes.count >= 64 ? bytes.le(0x28) : 0
    inodeTable = Int(bytes.le(0x08, as: UInt32.self)) | Int(bg_inode_table_hi) << 32
    guard inodeTable > superblock.firstDataBlock,
      inodeTable <= superblock.blockCount - superblock.inodeTableBlocks
    else {
      throw .corrupt(.inodeTable(block: inodeTable), at: .group(group))
    }
    let bg_flags = GroupFlags(rawValue: bytes.le(0x12))
    bitmaps = superblock.checksums == nil ? [] : Self.bitmaps(bytes, bg_flags, superblock)
    let bg_itable_unused_hi: UInt16 = bytes.count >= 64 ? bytes.le(0x32) : 0
    let bg_itable_unused = Int(bytes.le(0x1C, as: UInt16.self)) | Int(bg_itable_unused_hi) << 16
    if !superblock.hasDescriptorChecksums {
      usedInodes = superblock.inodesPerGroup
    } else if bg_flags.contains(.inodeUninit) {
      usedInodes = 0
    } else {
      usedInodes = superblock.inodesPerGroup - bg_itable_unused
      guard usedInodes >= 0 else {
        throw .corrupt(.unusedInodes(bg_itable_unused, of: superblock.inodesPerGroup), at: .group(group))
      }
    }
  }

  private static func bitmaps(_ bytes: Span<UInt8>, _ bg_flags: GroupFlags, _ superblock: Ext4Superblock) -> [Bitmap] {
    let isLong = bytes.count >= 64
    /// - Parameters: where the halves of the bitmap's block and checksum stand.
    func bitmap(_ block: (low: Int, high: Int), _ checksum: (low: Int, high: Int), count: Int) -> Bitmap {
      let number =
        Int(bytes.le(block.low, as: UInt32.self)) | (isLong ? Int(bytes.le(block.high, as: UInt32.self)) << 32 : 0)
      let low: UInt16 = bytes.le(checksum.low)
      let high: UInt16 = isLong ? bytes.le(checksum.high) : 0
      return Bitmap(
        block: number, byteCount: count / 8, checksum: UInt32(low) | UInt32(high) << 16,
        checksumMask: isLong ? .max : 0xFFFF)
    }
    var bitmaps: [Bitmap] = []
    if !bg_flags.contains(.blockUninit) {
      let clusters = superblock.blocksPerGroup / superblock.blocksPerCluster
      bitmaps.append(bitmap((0x00, 0x20), (0x18, 0x38), count: clusters))
    }
    if !bg_flags.contains(.inodeUninit) {
      bitmaps.append(bitmap((0x04, 0x24), (0x1A, 0x3A), count: superblock.inodesPerGroup))
    }
    return bitmaps
  }

  /// Compares the bitmaps of `groups` with their checksums. Nothing else is asked of them: what is in use is what names
  /// lead to.
  static func checkBitmaps(
    of groups: [GroupDescriptor], _ superblock: Ext4Superblock, in source: any ByteSource, policy: ReadPolicy
  ) throws(Ext4Error) {
    guard let checksums = superblock.checksums else { return }
    var buffer = [UInt8](repeating: 0, count: superblock.blockSize)
    for (group, descriptor) in groups.enumerated() {
      for bitmap in descriptor.bitmaps {
        guard bitmap.block > superblock.firstDataBlock, bitmap.block < superblock.blockCount else {
          throw .corrupt(.bitmap(block: bitmap.block), at: .group(group))
        }
        let range = 0..<min(bitmap.byteCount, superblock.blockSize)
        try source.fill(&buffer, range: range, from: bitmap.block * superblock.blockSize)
        let checksum = checksums.bitmap(buffer.span.extracting(range))
        if checksum & bitmap.checksumMask != bitmap.checksum {
          try policy.meet(.corrupt(.bitmapChecksum(block: bitmap.block), at: .group(group)))
        }
      }
    }
  }

  /// Reads the descriptors of the first `count` groups.
  static func all(
    of superblock: Ext4Superblock, count: Int, in source: any ByteSource, policy: ReadPolicy
  ) throws(Ext4Error) -> [GroupDescriptor] {
    let perBlock = superblock.blockSize / superblock.descriptorSize
    var groups: [GroupDescriptor] = []
    groups.reserveCapacity(count)
    var block = [UInt8](repeating: 0, count: superblock.blockSize)
    for index in 0..<count.dividedRoundingUp(by: perBlock) {
      let place = superblock.descriptorBlock(index)
      guard place < superblock.blockCount else {
        throw .superblock(.descriptorsPastEnd(block: place))
      }
      try source.fill(&block, from: place * superblock.blockSize)
      for slot in 0..<min(perBlock, count - groups.count) {
        let start = slot * superblock.descriptorSize
        let bytes = block.span.extracting(start..<start + superblock.descriptorSize)
        groups.append(try GroupDescriptor(parsing: bytes, group: groups.count, of: superblock, policy: policy))
      }
    }
    try checkOverlap(of: groups, superblock)
    return groups
  }

  /// Throws if two groups share a part of an inode table, which would let a small image hold many inodes.
  private static func checkOverlap(of groups: [GroupDescriptor], _ superblock: Ext4Superblock) throws(Ext4Error) {
    let tableBlocks = superblock.inodeTableBlocks
    let starts = groups.indices.map { (block: groups[$0].inodeTable, group: $0) }.sorted { $0.block < $1.block }
    for (left, right) in zip(starts, starts.dropFirst()) where left.block + tableBlocks > right.block {
      throw .corrupt(.inodeTableOverlap(group: left.group), at: .group(right.group))
    }
  }
}

extension Ext4Superblock {
  /// Blocks of one group's inode table.
  fileprivate var inodeTableBlocks: Int { (inodesPerGroup * inodeSize).dividedRoundingUp(by: blockSize) }

  /// Where block `index` of the group descriptors lies (descriptor_loc, fs/ext4/super.c).
  fileprivate func descriptorBlock(_ index: Int) -> Int {
    guard incompat.contains(.metaBg), index >= firstMetaGroup else {
      return (blockSize == 1024 ? 1 : 0) + 1 + index
    }
    let group = index * (blockSize / descriptorSize)
    let start = firstDataBlock + group * blocksPerGroup
    // With blocks of 1 KiB that are counted from 0, the superblock is still in block 1.
    let bootBlocks = blockSize == 1024 && firstDataBlock == 0 && index == 0 ? 1 : 0
    return start + (backups.contains(group) ? 1 : 0) + bootBlocks
  }
}

extension ReadPolicy {
  /// Answers a structure whose checksum does not fit: an error, or a warning where checksums are not verified.
  func meetWrongChecksum(at place: Ext4Error.Place) throws(Ext4Error) {
    try meet(.corrupt(.checksum, at: place))
  }

  /// Answers what a reader can read past, but should not unless it was told to.
  func meet(_ error: Ext4Error) throws(Ext4Error) {
    guard !verifiesChecksums else { throw error }
    warn(error.description)
  }
}

extension ByteSource {
  /// Fills the whole of `bytes` from `offset` on.
  func fill(_ bytes: inout [UInt8], from offset: Int) throws(Ext4Error) {
    try fill(&bytes, range: bytes.indices, from: offset)
  }

  /// Fills `range` of `bytes` from `offset` on.
  func fill(_ bytes: inout [UInt8], range: Range<Int>, from offset: Int) throws(Ext4Error) {
    do {
      try read(at: offset, into: &bytes, range: range)
    } catch {
      throw .io(error)
    }
  }
}
