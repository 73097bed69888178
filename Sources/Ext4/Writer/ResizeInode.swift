import Bytes

/// The inode that owns the blocks kept for growing the descriptor table (inode 7; lib/ext2fs/res_gdt.c).
///
/// A file system that grows while it is mounted needs room for more group descriptors right after the present ones, in group
/// 0 and in each group with a backup. These blocks are reserved as the content of this inode, mapped by double indirection:
/// the doubly indirect block names each reserved block of group 0, and that one, as an indirect block, names its copies. With
/// one block of descriptors, reserved blocks from 2 on, and backups in groups 1 and 3 of 32,768 blocks:
///
///     doubly indirect   slot 1 → block 2    slot 2 → block 3    …
///     block 2           32,770, 98,306      the same block of the tables in groups 1 and 3
///     block 3           32,771, 98,307
///
/// A kernel that grows the table takes the next reserved block and its copies out of this inode.
struct ResizeInode {
  let record: InodeRecord
  let place: InodeRecord.Place
  /// The block of blocks.
  let doublyIndirect: [UInt8]
  /// The reserved blocks after the first descriptor table.
  let reserved: [UInt8]

  private static let pointersPerBlock = GroupGeometry.blockSize / 4

  /// - Parameter block: where the block of blocks lies.
  init(_ geometry: GroupGeometry, block: Int, options: Ext4Options) {
    let blockSize = GroupGeometry.blockSize
    let count = geometry.reservedDescriptorBlocks
    let backups = geometry.superblockGroups.dropFirst().map { $0 * GroupGeometry.blocksPerGroup }
    var doublyIndirect = [UInt8](repeating: 0, count: blockSize)
    var reserved = [UInt8](repeating: 0, count: count * blockSize)
    for index in 0..<count {
      let slot = geometry.descriptorBlocks + index
      doublyIndirect.store(le: UInt32(1 + slot), at: slot % Self.pointersPerBlock * 4)
      for (backup, group) in backups.enumerated() {
        reserved.store(le: UInt32(group + 1 + slot), at: index * blockSize + backup * 4)
      }
    }
    self.doublyIndirect = doublyIndirect
    self.reserved = reserved

    var field = [UInt8](repeating: 0, count: InodeRecord.blockFieldSize)
    field.store(le: UInt32(block), at: 13 * 4)
    place = InodeRecord.Place(blockField: field, blocks: 1 + count * (1 + backups.count))
    // As large as double indirection reaches: what resize2fs and e2fsck expect.
    let pointers = Self.pointersPerBlock
    record = InodeRecord(
      reservedFileOf: (pointers * pointers + pointers + 12) * blockSize, time: InodeTime(seconds: options.seconds),
      layout: [])
  }
}
