import Bytes

/// The superblock, 1024 bytes.
struct SuperblockRecord {
  let geometry: GroupGeometry
  var options: Ext4Options
  var freeBlocks: Int
  var freeInodes: Int
  /// i_block and the size of the journal's inode, kept here for when that inode is lost.
  let journal: (blockField: [UInt8], size: Int)?

  /// The superblock as `group` holds it, with the boot sector's room before the first one: a part of a block.
  func block(group: Int) -> [UInt8] {
    (group == 0 ? [UInt8](repeating: 0, count: 1024) : []) + bytes(group: group)
  }

  /// The superblock as `group` holds it.
  private func bytes(group: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 1024)
    storeCounts(into: &bytes)
    storeNature(into: &bytes, group: group)
    if let journal { store(journal.blockField, size: journal.size, into: &bytes) }
    bytes.store(le: MetadataChecksums.superblock(bytes.span), at: 0x3FC)
    return bytes
  }

  private func storeCounts(into bytes: inout [UInt8]) {
    let reserved = geometry.blockCount * min(max(options.reservedBlocksPercent, 0), 50) / 100
    bytes.store(le: UInt32(geometry.inodeCount), at: 0x00)
    bytes.store(le: UInt32(geometry.blockCount), at: 0x04)
    bytes.store(le: UInt32(reserved), at: 0x08)
    bytes.store(le: UInt32(freeBlocks), at: 0x0C)
    bytes.store(le: UInt32(freeInodes), at: 0x10)
    bytes.store(le: UInt32(2), at: 0x18)  // s_log_block_size: 1024 << 2
    bytes.store(le: UInt32(2), at: 0x1C)  // s_log_cluster_size
    bytes.store(le: UInt32(GroupGeometry.blocksPerGroup), at: 0x20)
    bytes.store(le: UInt32(GroupGeometry.blocksPerGroup), at: 0x24)  // s_clusters_per_group
    bytes.store(le: UInt32(geometry.inodesPerGroup), at: 0x28)
    bytes.store(le: UInt16(geometry.reservedDescriptorBlocks), at: 0xCE)
  }

  private func storeNature(into bytes: inout [UInt8], group: Int) {
    bytes.store(le: options.seconds, at: 0x30)  // s_wtime
    bytes.store(le: UInt16.max, at: 0x36)  // s_max_mnt_count: no check after mounts
    bytes.store(le: Magic.superblock, at: 0x38)
    bytes.store(le: FileSystemState.clean.rawValue, at: 0x3A)
    bytes.store(le: UInt16(1), at: 0x3C)  // s_errors: go on
    bytes.store(le: options.seconds, at: 0x40)  // s_lastcheck
    bytes.store(le: UInt32(1), at: 0x4C)  // s_rev_level: with features
    bytes.store(le: ReservedInode.first, at: 0x54)
    bytes.store(le: UInt16(GroupGeometry.inodeSize), at: 0x58)
    bytes.store(le: UInt16(truncatingIfNeeded: group), at: 0x5A)
    storeFeatures(into: &bytes)
    bytes.store(options.uuid.bytes, at: 0x68)
    bytes.store(Array(options.label.utf8), at: 0x78)
    bytes.store(options.hashSeed.bytes, at: 0xEC)
    bytes[0xFC] = 1  // s_def_hash_version: half-MD4
    bytes.store(le: UInt32(0xC), at: 0x100)  // s_default_mount_opts: user_xattr, acl
    bytes.store(le: options.seconds, at: 0x108)  // s_mkfs_time
    bytes.store(le: UInt16(InodeRecord.extraSize), at: 0x15C)  // s_min_extra_isize
    bytes.store(le: UInt16(InodeRecord.extraSize), at: 0x15E)  // s_want_extra_isize
    bytes.store(le: UInt32(2), at: 0x160)  // s_flags: hashes take bytes as unsigned
    bytes[0x174] = UInt8(GroupGeometry.groupsPerFlex.trailingZeroBitCount)  // s_log_groups_per_flex
    bytes[0x175] = 1  // s_checksum_type: CRC-32C
    if options.checksumSeed != nil { bytes.store(le: options.checksums.seed, at: 0x270) }  // s_checksum_seed
  }

  /// The features of pi-gen's file systems: mke2fs's own without 64bit and huge_file.
  private func storeFeatures(into bytes: inout [UInt8]) {
    var compat: CompatFeatures = [.extAttr, .resizeInode, .dirIndex]
    if journal != nil { compat.insert(.hasJournal) }
    var incompat: IncompatFeatures = [.filetype, .extents, .flexBg]
    if options.checksumSeed != nil { incompat.insert(.csumSeed) }
    let readOnlyCompat: ReadOnlyCompatFeatures = [.sparseSuper, .largeFile, .dirNlink, .extraIsize, .metadataCsum]
    bytes.store(le: compat.rawValue, at: 0x5C)
    bytes.store(le: incompat.rawValue, at: 0x60)
    bytes.store(le: readOnlyCompat.rawValue, at: 0x64)
  }

  private func store(_ blockField: [UInt8], size: Int, into bytes: inout [UInt8]) {
    bytes.store(le: ReservedInode.journal, at: 0xE0)
    bytes[0xFD] = 1  // s_jnl_backup_type: what follows is in s_jnl_blocks
    bytes.store(blockField, at: 0x10C)
    bytes.store(le: UInt32(truncatingIfNeeded: size >> 32), at: 0x148)
    bytes.store(le: UInt32(truncatingIfNeeded: size), at: 0x14C)
  }
}
