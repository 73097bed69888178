import Bytes
import FileTree
import Storage

/// What a file system says of itself.
package struct Ext4Superblock: Sendable {
  /// The file system's UUID.
  package let uuid: UUID
  /// The label, up to 16 bytes.
  package let label: [UInt8]
  package let compat: CompatFeatures
  package let incompat: IncompatFeatures
  package let readOnlyCompat: ReadOnlyCompatFeatures

  /// Bytes in a block: a power of two from 1024 to 65536.
  package let blockSize: Int
  /// Blocks of the file system, all within the image.
  package let blockCount: Int
  package let freeBlockCount: Int
  /// Blocks kept for root.
  package let reservedBlockCount: Int
  /// The block that group 0 starts at: 1 with blocks of 1024 bytes, else 0.
  package let firstDataBlock: Int
  package let blocksPerGroup: Int
  /// Blocks in a cluster, the unit of allocation: 1 without `bigalloc`.
  package let blocksPerCluster: Int
  package let groupCount: Int

  package let inodeCount: Int
  package let freeInodeCount: Int
  package let inodesPerGroup: Int
  /// Bytes of an inode in its table: a power of two from 128 to the size of a block.
  package let inodeSize: Int
  /// The first inode that is not reserved.
  package let firstInode: UInt32

  /// Bytes of a group descriptor.
  package let descriptorSize: Int
  /// Blocks after the group descriptors that a grown file system will need for more of them.
  package let reservedDescriptorBlocks: Int
  /// The first group of descriptor blocks that are spread over the disk (`meta_bg`).
  package let firstMetaGroup: Int
  /// How many groups keep their bitmaps and inode tables together: 1 without `flex_bg`.
  package let groupsPerFlex: Int

  /// What directory hashes start from.
  package let hashSeed: UUID

  /// The journal's inode; 0 without one, or if it is on another device.
  package let journalInode: UInt32
  /// How the file system was left.
  let state: FileSystemState
  /// When the superblock was last written.
  package let written: Timestamp

  /// Which groups have copies of the superblock.
  let backups: BackupGroups
  /// What checksums continue from: also those of values that are inodes, in file systems without `metadata_csum`.
  let checksumSeed: UInt32
  /// How metadata is checksummed; nil without `metadata_csum`.
  let checksums: MetadataChecksums?
  /// Inodes that the superblock names as its own, whatever their number.
  let internalInodes: [UInt32]

  /// All features, by mke2fs's names.
  package var featureNames: [String] { compat.names + incompat.names + readOnlyCompat.names }

  /// Whether group descriptors carry a checksum, which makes their flags and counts of unused inodes valid.
  var hasDescriptorChecksums: Bool { checksums != nil || readOnlyCompat.contains(.gdtCsum) }

  /// Parses the 1024 bytes that lie 1024 bytes into the file system (struct ext4_super_block, fs/ext4/ext4.h).
  ///
  /// - Throws: `Ext4Error` if they are no superblock, use a feature that is not handled, or contradict themselves.
  init(parsing bytes: Span<UInt8>, policy: ReadPolicy) throws(Ext4Error) {
    let s_magic: UInt16 = bytes.le(0x38)
    guard s_magic == Magic.superblock else { throw .superblock(.noFileSystem) }
    compat = CompatFeatures(rawValue: bytes.le(0x5C))
    incompat = IncompatFeatures(rawValue: bytes.le(0x60))
    readOnlyCompat = ReadOnlyCompatFeatures(rawValue: bytes.le(0x64))
    uuid = UUID(bytes: bytes.extracting(0x68..<0x78))
    checksumSeed = incompat.contains(.csumSeed) ? bytes.le(0x270) : MetadataChecksums(uuid: uuid).seed
    checksums = try Self.checksums(bytes, readOnlyCompat, checksumSeed, policy)
    try Self.checkSupport(incompat)

    let geometry = try BlockGeometry(parsing: bytes, incompat, readOnlyCompat)
    let inodes = try InodeGeometry(parsing: bytes, geometry)
    blockSize = geometry.blockSize
    blockCount = geometry.blockCount
    firstDataBlock = geometry.firstDataBlock
    blocksPerGroup = geometry.blocksPerGroup
    blocksPerCluster = geometry.blocksPerCluster
    groupCount = geometry.groupCount
    descriptorSize = geometry.descriptorSize
    inodeCount = inodes.count
    inodesPerGroup = inodes.perGroup
    inodeSize = inodes.size
    firstInode = inodes.first

    let high = incompat.contains(.bit64)
    reservedBlockCount = Self.count(low: bytes.le(0x08), high: high ? bytes.le(0x154) : 0)
    freeBlockCount = Self.count(low: bytes.le(0x0C), high: high ? bytes.le(0x158) : 0)
    freeInodeCount = Int(bytes.le(0x10, as: UInt32.self))
    reservedDescriptorBlocks = Int(bytes.le(0xCE, as: UInt16.self))
    firstMetaGroup = Int(bytes.le(0x104, as: UInt32.self))
    // s_log_groups_per_flex; more than 31 means nothing (ext4_fill_flex_info).
    groupsPerFlex = incompat.contains(.flexBg) && bytes[0x174] < 32 ? 1 << Int(bytes[0x174]) : 1

    label = bytes.extracting(0x78..<0x88).array.prefix { $0 != 0 }.map { $0 }
    hashSeed = UUID(bytes: bytes.extracting(0xEC..<0xFC))
    state = FileSystemState(rawValue: bytes.le(0x3A))
    written = Timestamp(seconds: Int64(bytes.le(0x30, as: UInt32.self)) | Int64(bytes[0x274]) << 32)

    journalInode = compat.contains(.hasJournal) ? bytes.le(0xE0) : 0
    // s_usr_quota_inum, s_grp_quota_inum, s_prj_quota_inum, s_orphan_file_inum: no name may lead there (is_special_ino).
    internalInodes = [bytes.le(0x240), bytes.le(0x244), bytes.le(0x26C), bytes.le(0x280)].filter { $0 != 0 }
    backups =
      if compat.contains(.sparseSuper2) {
        .listed(bytes.le(0x24C), bytes.le(0x250))
      } else {
        readOnlyCompat.contains(.sparseSuper) ? .sparse : .all
      }
  }

  private static func checksums(
    _ bytes: Span<UInt8>, _ readOnlyCompat: ReadOnlyCompatFeatures, _ seed: UInt32, _ policy: ReadPolicy
  ) throws(Ext4Error) -> MetadataChecksums? {
    guard readOnlyCompat.contains(.metadataCsum) else { return nil }
    // s_checksum_type
    guard bytes[0x175] == 1 else { throw .unsupported("checksum type \(bytes[0x175])") }
    if bytes.le(0x3FC, as: UInt32.self) != MetadataChecksums.superblock(bytes) {
      try policy.meetWrongChecksum(at: .superblock)
    }
    return MetadataChecksums(seed: seed)
  }

  private static func count(low: UInt32, high: UInt32) -> Int {
    Int(clamping: UInt64(low) | UInt64(high) << 32)
  }

  private static func checkSupport(_ incompat: IncompatFeatures) throws(Ext4Error) {
    let supported: IncompatFeatures = [
      .filetype, .recover, .metaBg, .extents, .bit64, .mmp, .flexBg, .eaInode, .csumSeed, .largeDir, .inlineData,
      .encrypt,
      .casefold,
    ]
    let unknown = incompat.subtracting(supported).names
    guard unknown.isEmpty else { throw .unsupported("feature " + unknown.joined(separator: ", ")) }
  }
}

extension Ext4Error {
  /// Something wrong in the superblock.
  static func superblock(_ corruption: Corruption) -> Ext4Error { .corrupt(corruption, at: .superblock) }
}
