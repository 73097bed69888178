import Bytes

/// How a file system is cut into blocks and groups.
struct BlockGeometry {
  let blockSize: Int
  let blockCount: Int
  let firstDataBlock: Int
  let blocksPerGroup: Int
  let blocksPerCluster: Int
  let groupCount: Int
  let descriptorSize: Int

  /// What is read of one file system at most: 2^20 groups of 32,768 blocks are 128 TiB of 4 KiB blocks.
  private static let groupLimit = 1 << 20

  init(
    parsing bytes: Span<UInt8>, _ incompat: IncompatFeatures, _ readOnlyCompat: ReadOnlyCompatFeatures
  ) throws(Ext4Error) {
    let s_log_block_size: UInt32 = bytes.le(0x18)
    guard s_log_block_size <= 6 else { throw .superblock(.blockSize(log: s_log_block_size)) }
    blockSize = 1024 << Int(s_log_block_size)

    let s_blocks_count_hi: UInt32 = incompat.contains(.bit64) ? bytes.le(0x150) : 0
    let s_blocks_count = UInt64(bytes.le(0x04, as: UInt32.self)) | UInt64(s_blocks_count_hi) << 32
    // The extents of files have 48 bits for a block.
    guard s_blocks_count <= 1 << 48 else { throw .superblock(.blockCount(s_blocks_count)) }
    blockCount = Int(s_blocks_count)

    firstDataBlock = Int(bytes.le(0x14, as: UInt32.self))
    guard firstDataBlock <= (blockSize == 1024 ? 1 : 0), firstDataBlock < blockCount else {
      throw .superblock(.firstDataBlock(firstDataBlock))
    }
    blocksPerCluster = try Self.blocksPerCluster(bytes, readOnlyCompat, s_log_block_size)
    blocksPerGroup = Int(bytes.le(0x20, as: UInt32.self))
    // One block of bitmap tells of all clusters of a group.
    guard (1...8 * blockSize * blocksPerCluster).contains(blocksPerGroup) else {
      throw .superblock(.blocksPerGroup(blocksPerGroup))
    }
    groupCount = (blockCount - firstDataBlock).dividedRoundingUp(by: blocksPerGroup)
    guard groupCount <= Self.groupLimit else { throw .unsupported("more than \(Self.groupLimit) block groups") }
    descriptorSize = try Self.descriptorSize(bytes, incompat)
  }

  private static func blocksPerCluster(
    _ bytes: Span<UInt8>, _ readOnlyCompat: ReadOnlyCompatFeatures, _ s_log_block_size: UInt32
  ) throws(Ext4Error) -> Int {
    guard readOnlyCompat.contains(.bigalloc) else { return 1 }
    let s_log_cluster_size: UInt32 = bytes.le(0x1C)
    // The largest cluster is 512 MiB (EXT4_MAX_CLUSTER_LOG_SIZE).
    guard (s_log_block_size...19).contains(s_log_cluster_size) else {
      throw .superblock(.clusterSize(log: s_log_cluster_size))
    }
    return 1 << Int(s_log_cluster_size - s_log_block_size)
  }

  private static func descriptorSize(_ bytes: Span<UInt8>, _ incompat: IncompatFeatures) throws(Ext4Error) -> Int {
    guard incompat.contains(.bit64) else { return 32 }
    let s_desc_size: UInt16 = bytes.le(0xFE)
    guard (64...1024).contains(s_desc_size), s_desc_size.nonzeroBitCount == 1 else {
      throw .superblock(.descriptorSize(Int(s_desc_size)))
    }
    return Int(s_desc_size)
  }
}

/// How many inodes there are, and how large.
struct InodeGeometry {
  let count: Int
  let perGroup: Int
  let size: Int
  let first: UInt32

  init(parsing bytes: Span<UInt8>, _ blocks: BlockGeometry) throws(Ext4Error) {
    let s_rev_level: UInt32 = bytes.le(0x4C)
    guard s_rev_level <= 1 else { throw .unsupported("revision \(s_rev_level)") }
    // Revision 0 has neither field.
    first = s_rev_level == 0 ? ReservedInode.first : bytes.le(0x54)
    size = s_rev_level == 0 ? 128 : Int(bytes.le(0x58, as: UInt16.self))
    guard first >= ReservedInode.first else { throw .superblock(.firstInode(first)) }
    guard (128...blocks.blockSize).contains(size), size.nonzeroBitCount == 1 else {
      throw .superblock(.inodeSize(size))
    }
    perGroup = Int(bytes.le(0x28, as: UInt32.self))
    guard (blocks.blockSize / size...8 * blocks.blockSize).contains(perGroup) else {
      throw .superblock(.inodesPerGroup(perGroup))
    }
    count = Int(bytes.le(0x00, as: UInt32.self))
    guard count == perGroup * blocks.groupCount else {
      throw .superblock(.inodeCount(count, groups: blocks.groupCount, perGroup: perGroup))
    }
  }
}
