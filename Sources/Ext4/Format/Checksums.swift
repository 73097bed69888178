import Bytes

/// The checksums of `metadata_csum`, each over a structure as it lies on the disk.
///
/// All are CRC-32C without inversion (e2fsprogs lib/ext2fs/csum.c); most continue from the file system's seed.
struct MetadataChecksums: Sendable {
  /// The file system's seed: `s_checksum_seed` with `metadata_csum_seed`, else of the UUID.
  let seed: UInt32

  /// The checksums of a file system that keeps its seed in the superblock.
  init(seed: UInt32) { self.seed = seed }

  /// The checksums of a file system that derives its seed from its UUID.
  init(uuid: UUID) { seed = CRC32C.of(uuid.bytes, seed: ~0) }

  /// The superblock's checksum, over its 1024 bytes without the last four; not seeded.
  static func superblock(_ bytes: Span<UInt8>) -> UInt32 {
    CRC32C.of(bytes.extracting(0..<0x3FC), seed: ~0)
  }

  /// The checksum of group `group`'s descriptor, whatever its checksum field holds.
  func descriptor(_ bytes: Span<UInt8>, group: Int) -> UInt16 {
    var crc = CRC32C.of(le: UInt32(truncatingIfNeeded: group), seed: seed)
    crc = CRC32C.of(bytes.extracting(0..<0x1E), seed: crc)
    crc = CRC32C.of(le: UInt16(0), seed: crc)
    return UInt16(truncatingIfNeeded: CRC32C.of(bytes.extracting(0x20..<bytes.count), seed: crc))
  }

  /// The checksum of a bitmap: of the bytes that hold a bit of the group, the rest of the block does not count.
  func bitmap(_ bytes: Span<UInt8>) -> UInt32 { CRC32C.of(bytes, seed: seed) }

  /// What the checksums of an inode and of the blocks that belong to it continue from.
  func inodeSeed(number: UInt32, generation: UInt32) -> UInt32 {
    CRC32C.of(le: generation, seed: CRC32C.of(le: number, seed: seed))
  }

  /// The checksum of an inode, all `inode_size` bytes of it, whatever its checksum fields hold.
  ///
  /// - Parameter hasHighHalf: whether `i_extra_isize` covers `i_checksum_hi`; the lower 16 bits are all there is if not.
  static func inode(_ bytes: Span<UInt8>, seed: UInt32, hasHighHalf: Bool) -> UInt32 {
    var crc = CRC32C.of(bytes.extracting(0..<0x7C), seed: seed)
    crc = CRC32C.of(le: UInt16(0), seed: crc)
    guard hasHighHalf else {
      return CRC32C.of(bytes.extracting(0x7E..<bytes.count), seed: crc) & 0xFFFF
    }
    crc = CRC32C.of(bytes.extracting(0x7E..<0x82), seed: crc)
    crc = CRC32C.of(le: UInt16(0), seed: crc)
    return CRC32C.of(bytes.extracting(0x84..<bytes.count), seed: crc)
  }

  /// The checksum of a directory block with entries; its last 12 bytes, the tail that holds it, do not count.
  static func directoryLeaf(_ block: Span<UInt8>, seed: UInt32) -> UInt32 {
    CRC32C.of(block.extracting(0..<block.count - 12), seed: seed)
  }

  /// The checksum of a node of a directory's hash tree.
  ///
  /// - Parameters:
  ///   - entriesEnd: where the last entry in use ends.
  ///   - tail: where its tail lies, eight bytes, after the last entry that there is room for.
  static func htreeNode(_ block: Span<UInt8>, entriesEnd: Int, tail: Int, seed: UInt32) -> UInt32 {
    var crc = CRC32C.of(block.extracting(0..<entriesEnd), seed: seed)
    crc = CRC32C.of(block.extracting(tail..<tail + 4), seed: crc)
    return CRC32C.of(le: UInt32(0), seed: crc)
  }

  /// The checksum of a block of an extent tree, over what lies before `tail`.
  static func extentBlock(_ block: Span<UInt8>, tail: Int, seed: UInt32) -> UInt32 {
    CRC32C.of(block.extracting(0..<tail), seed: seed)
  }

  /// The checksum of the block of extended attributes that lies at block `number`, whatever its field holds.
  func xattrBlock(_ block: Span<UInt8>, number: Int) -> UInt32 {
    var crc = CRC32C.of(le: UInt64(truncatingIfNeeded: number), seed: seed)
    crc = CRC32C.of(block.extracting(0..<0x10), seed: crc)
    crc = CRC32C.of(le: UInt32(0), seed: crc)
    return CRC32C.of(block.extracting(0x14..<block.count), seed: crc)
  }
}

/// The checksum of a group descriptor with `uninit_bg` and without `metadata_csum`: CRC-16 (lib/ext2fs/csum.c).
func uninitGroupChecksum(_ descriptor: Span<UInt8>, group: Int, uuid: UUID) -> UInt16 {
  var number: [UInt8] = []
  number.append(le: UInt32(truncatingIfNeeded: group))
  var crc = CRC16.of(uuid.bytes.span, seed: 0xFFFF)
  crc = CRC16.of(number.span, seed: crc)
  crc = CRC16.of(descriptor.extracting(0..<0x1E), seed: crc)
  return CRC16.of(descriptor.extracting(0x20..<descriptor.count), seed: crc)
}
