import Bytes

/// What a journal's blocks start with: a magic number, the block's type and the transaction that it belongs to, all
/// big-endian (journal_header_t, include/linux/jbd2.h).
struct JournalBlockHeader {
  /// The types of blocks; superblocks are of types 3 and 4.
  enum BlockType: UInt32 {
    case descriptor = 1
    case commit = 2
    case superblockV1 = 3
    case superblockV2 = 4
    case revoke = 5
  }

  /// nil for a type that no version knows.
  let type: BlockType?
  /// The transaction's number.
  let sequence: UInt32

  /// Bytes of a header.
  static let size = 12
  /// What each of the journal's own blocks starts with; a block of data that does so is escaped.
  static let magic: UInt32 = 0xC03B_3998

  /// nil if `block` is not one of the journal's own.
  init?(parsing block: Span<UInt8>) {
    guard block.be(0, as: UInt32.self) == Self.magic else { return nil }
    type = BlockType(rawValue: block.be(4))
    sequence = block.be(8)
  }
}

/// The features that a reader of a journal must know (`s_feature_incompat` of its superblock).
struct JournalFeatures: OptionSet, Sendable {
  let rawValue: UInt32

  static let revoke = Self(rawValue: 0x1)
  static let bit64 = Self(rawValue: 0x2)
  static let asyncCommit = Self(rawValue: 0x4)
  static let checksumV2 = Self(rawValue: 0x8)
  static let checksumV3 = Self(rawValue: 0x10)
  static let fastCommit = Self(rawValue: 0x20)

  static let known: Self = [.revoke, .bit64, .asyncCommit, .checksumV2, .checksumV3, .fastCommit]

  /// Whether each block of the journal has a CRC-32C.
  var hasChecksums: Bool { contains(.checksumV2) || contains(.checksumV3) }

  /// Bytes of a descriptor's tag (journal_tag_bytes, fs/jbd2/journal.c).
  var tagSize: Int {
    if contains(.checksumV3) { return 16 }
    return (contains(.checksumV2) ? 10 : 8) + (contains(.bit64) ? 4 : 0)
  }

  /// Bytes at the end of descriptors and lists of revoked blocks: their checksum.
  var tailSize: Int { hasChecksums ? 4 : 0 }
}

/// The flags of a descriptor's tag (`t_flags`).
struct JournalTagFlags: OptionSet, Sendable {
  let rawValue: UInt16

  /// The block's first four bytes are the journal's magic number, and lie in the journal as zeros.
  static let escaped = Self(rawValue: 1)
  /// No UUID of a file system follows the tag: it is that of the tag before.
  static let sameUUID = Self(rawValue: 2)
  /// The last tag of its descriptor.
  static let last = Self(rawValue: 8)
}

/// The checksums of a journal's blocks (fs/jbd2/recovery.c).
struct JournalChecksums {
  /// CRC-32C of the journal's UUID, which all continue from.
  let seed: UInt32

  /// The checksum of a whole block whose own field, four bytes at `field`, counts as zero.
  func block(_ block: Span<UInt8>, field: Int) -> UInt32 {
    var crc = CRC32C.of(block.extracting(0..<field), seed: seed)
    crc = CRC32C.of(le: UInt32(0), seed: crc)
    return CRC32C.of(block.extracting(field + 4..<block.count), seed: crc)
  }

  /// The checksum of a block of data that transaction `sequence` wrote, as it lies in the journal.
  func data(_ block: Span<UInt8>, sequence: UInt32) -> UInt32 {
    CRC32C.of(block, seed: CRC32C.of(le: sequence.byteSwapped, seed: seed))
  }
}

/// CRC-32 with the polynomial 0x04C11DB7, most significant bit first, without inversion before or after (crc32_be): what
/// commits of journals with the compatible feature `checksum` hold.
enum CRC32MostSignificantFirst {
  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index) << 24) { crc, _ in crc << 1 ^ (crc >> 31 == 1 ? 0x04C1_1DB7 : 0) }
  }

  /// The checksum of `bytes`, continuing from `seed` (all ones at the start).
  static func of(_ bytes: Span<UInt8>, seed: UInt32) -> UInt32 {
    let table = table
    var crc = seed
    for index in bytes.indices { crc = crc << 8 ^ table[Int(crc >> 24 ^ UInt32(bytes[index]))] }
    return crc
  }
}
