import Bytes
import Storage

/// What a journal says of itself (journal_superblock_t, include/linux/jbd2.h), checked against the inode that it is.
struct JournalSuperblock {
  let features: JournalFeatures
  /// The blocks of the journal that hold the log, which goes on at the first after the last.
  let log: Range<Int>
  /// Where the oldest transaction starts that may not be in place; nil if all are.
  let start: Int?
  /// The number of that transaction.
  let sequence: UInt32
  /// Where fast commits lie: the part after the log, with the feature `fast_commit`.
  let fastCommits: Range<Int>
  /// Whether commits hold a checksum of their whole transaction (the compatible feature `checksum`).
  let hasTransactionChecksums: Bool
  /// How the journal's blocks are checksummed; nil if they are not.
  let checksums: JournalChecksums?

  /// Blocks of the longest journal that is read: more than mke2fs makes, and few enough to list them all.
  private static let blockLimit = 1 << 24

  /// Parses the first block of the journal that is inode `inode` and has `blockCount` blocks.
  ///
  /// - Throws: `Ext4Error` if it is no journal, uses a feature that is not handled, or contradicts itself.
  init(
    parsing block: Span<UInt8>, blockCount: Int, inode: UInt32, policy: ReadPolicy
  ) throws(Ext4Error) {
    let place = Ext4Error.Place.inode(inode)
    guard let type = JournalBlockHeader(parsing: block)?.type, type == .superblockV1 || type == .superblockV2 else {
      throw .corrupt(.noJournal, at: place)
    }
    // The first version has no features.
    let isV2 = type == .superblockV2
    features = JournalFeatures(rawValue: isV2 ? block.be(0x28) : 0)
    let unknown = features.subtracting(.known).rawValue
    guard unknown == 0 else { throw .unsupported("journal feature 0x" + String(unknown, radix: 16)) }
    let s_feature_compat: UInt32 = isV2 ? block.be(0x24) : 0
    hasTransactionChecksums = s_feature_compat & 1 != 0 && !features.hasChecksums
    checksums = try Self.checksums(block, features, place, policy)

    let s_blocksize: UInt32 = block.be(0x0C)
    guard s_blocksize == block.count else { throw .corrupt(.journalBlockSize(Int(s_blocksize)), at: place) }
    let s_maxlen = Int(block.be(0x10, as: UInt32.self))
    guard s_maxlen <= blockCount else {
      throw .corrupt(.journalLength(s_maxlen, present: blockCount), at: place)
    }
    guard s_maxlen <= Self.blockLimit else { throw .unsupported("a journal of more than \(Self.blockLimit) blocks") }
    fastCommits = Self.fastCommits(block, features, s_maxlen)
    let s_first = Int(block.be(0x14, as: UInt32.self))
    guard s_first > 0, s_first < fastCommits.lowerBound else {
      throw .corrupt(.journalFirst(s_first, of: s_maxlen), at: place)
    }
    log = s_first..<fastCommits.lowerBound
    sequence = block.be(0x18)
    let s_start = Int(block.be(0x1C, as: UInt32.self))
    guard s_start == 0 || log.contains(s_start) else {
      throw .corrupt(.journalStart(s_start, of: s_maxlen), at: place)
    }
    start = s_start == 0 ? nil : s_start
  }

  private static func checksums(
    _ block: Span<UInt8>, _ features: JournalFeatures, _ place: Ext4Error.Place, _ policy: ReadPolicy
  ) throws(Ext4Error) -> JournalChecksums? {
    guard features.hasChecksums else { return nil }
    guard !features.isSuperset(of: [.checksumV2, .checksumV3]) else {
      throw .corrupt(.journalChecksumVersions, at: place)
    }
    // s_checksum_type: JBD2_CRC32C_CHKSUM
    guard block[0x50] == 4 else { throw .unsupported("journal checksum type \(block[0x50])") }
    let superblock = JournalChecksums(seed: ~0).block(block.extracting(0..<1024), field: 0xFC)
    if block.be(0xFC, as: UInt32.self) != superblock { try policy.meetWrongChecksum(at: .journal(block: 0)) }
    return JournalChecksums(seed: CRC32C.of(block.extracting(0x30..<0x40), seed: ~0))
  }

  /// The blocks for fast commits, the last of the journal; empty without the feature (jbd2_journal_get_num_fc_blks).
  private static func fastCommits(_ block: Span<UInt8>, _ features: JournalFeatures, _ s_maxlen: Int) -> Range<Int> {
    guard features.contains(.fastCommit) else { return s_maxlen..<s_maxlen }
    let s_num_fc_blks = Int(block.be(0x54, as: UInt32.self))
    let count = s_num_fc_blks == 0 ? 256 : s_num_fc_blks
    // A journal that would be too short without them has none (JBD2_MIN_JOURNAL_BLOCKS).
    return s_maxlen - count >= 1024 ? s_maxlen - count..<s_maxlen : s_maxlen..<s_maxlen
  }
}
