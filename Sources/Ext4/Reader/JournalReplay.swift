import Bytes
import Storage

/// Replays a journal in memory: the file system as its owner last saw it, of an image that stays as it is.
enum JournalReplay {
  /// `source`, the file system that `superblock` describes, with the journal's committed transactions in place.
  ///
  /// - Throws: `Ext4Error` if the journal is on another device, holds fast commits, or contradicts itself.
  static func replayed(
    _ source: any ByteSource, _ superblock: Ext4Superblock, policy: ReadPolicy
  ) throws(Ext4Error) -> any ByteSource {
    guard superblock.compat.contains(.hasJournal) else {
      policy.warn("it was not unmounted, and has no journal to replay")
      return source
    }
    guard superblock.journalInode != 0 else { throw .unsupported("a journal on another device") }
    let log = try log(source, superblock, policy)
    guard let start = log.superblock.start else { return source }
    let scan = try JournalScan(log, from: start, policy: policy)
    try checkFastCommits(of: log, after: scan.end)
    let replacements = try replacements(scan, log, superblock, policy)
    guard !replacements.isEmpty else { return source }
    policy.warn("it was not unmounted: its journal was replayed in memory, \(replacements.count) blocks")
    return ReplayedSource(source, replacements: replacements, blockSize: superblock.blockSize)
  }

  private static func log(
    _ source: any ByteSource, _ superblock: Ext4Superblock, _ policy: ReadPolicy
  ) throws(Ext4Error) -> JournalLog {
    let number = superblock.journalInode
    // Only the groups up to the journal's inode, whose descriptors may be those that the journal mends.
    let groupCount = min(superblock.groupCount, Int(number) / superblock.inodesPerGroup + 1)
    let groups = try GroupDescriptor.all(
      of: superblock, count: groupCount, in: source, policy: ReadPolicy(verifiesChecksums: false))
    guard Int(number) <= groupCount * superblock.inodesPerGroup else {
      throw .superblock(.journalInode(number, count: superblock.inodeCount))
    }
    var reader = MetadataReader(superblock, groups, in: source, policy: policy)
    return try JournalLog(reader.journal(number), inode: number, of: reader)
  }

  /// Throws if the last transaction is followed by fast commits, which say what changed in another way.
  private static func checkFastCommits(of log: JournalLog, after end: UInt32) throws(Ext4Error) {
    // The kernel leaves the first block unused (jbd2_fc_get_buf).
    for number in log.superblock.fastCommits.prefix(2) {
      let block = try log.block(number)
      let tag: UInt16 = block.span.le(0)
      let fc_tid: UInt32 = block.span.le(8)
      // EXT4_FC_TAG_HEAD, of the transaction that was never committed whole.
      if tag == 9 && fc_tid == end { throw .unsupported("fast commits in its journal") }
    }
  }

  /// The last content that the journal has for each block, sorted by block.
  private static func replacements(
    _ scan: JournalScan, _ log: JournalLog, _ superblock: Ext4Superblock, _ policy: ReadPolicy
  ) throws(Ext4Error) -> [ReplayedSource.Replacement] {
    let revoked = try revokedBlocks(scan, log)
    var last: [Int: ReplayedSource.Replacement] = [:]
    for write in scan.writes {
      // Revoked by its own transaction or a later one (jbd2_journal_test_revoke).
      if let sequence = revoked[write.block], !write.sequence.isLater(than: sequence) { continue }
      guard write.block < superblock.blockCount else {
        throw .corrupt(
          .journalWrite(block: write.block, end: superblock.blockCount),
          at: .journal(block: write.logBlock))
      }
      if let checksums = log.superblock.checksums {
        let data = try log.block(write.logBlock)
        let checksum = checksums.data(data.span, sequence: write.sequence)
        let expected = log.superblock.features.contains(.checksumV3) ? checksum : checksum & 0xFFFF
        if write.checksum != expected {
          // What was in place before is more likely right, as e2fsck has it.
          try policy.meetWrongChecksum(at: .journal(block: write.logBlock))
          continue
        }
      }
      last[write.block] = ReplayedSource.Replacement(
        block: write.block, sourceOffset: try log.place(of: write.logBlock), isEscaped: write.isEscaped)
    }
    return last.values.sorted { $0.block < $1.block }
  }

  /// The last transaction that revoked each block, of those blocks that the journal writes at all.
  private static func revokedBlocks(_ scan: JournalScan, _ log: JournalLog) throws(Ext4Error) -> [Int: UInt32] {
    var revoked: [Int: UInt32] = [:]
    guard !scan.revocations.isEmpty else { return revoked }
    let written = Set(scan.writes.map(\.block))
    for (number, sequence) in scan.revocations {
      let block = try log.block(number)
      let r_count = Int(block.span.be(12, as: UInt32.self))
      guard r_count <= block.count - log.superblock.features.tailSize else {
        throw .corrupt(.revocationSize(r_count), at: .journal(block: number))
      }
      let size = log.superblock.features.contains(.bit64) ? 8 : 4
      for offset in stride(from: 16, through: r_count - size, by: size) {
        let block =
          size == 8
          ? Int(clamping: block.span.be(offset, as: UInt64.self)) : Int(block.span.be(offset, as: UInt32.self))
        guard written.contains(block) else { continue }
        if let known = revoked[block], !sequence.isLater(than: known) { continue }
        revoked[block] = sequence
      }
    }
    return revoked
  }
}

extension MetadataReader {
  /// Finds where the journal lies that is inode `number`.
  fileprivate mutating func journal(_ number: UInt32) throws(Ext4Error) -> ContentMap {
    let (piece, offset) = try tables.bytes(of: number)
    let bytes = piece.span.extracting(offset..<offset + superblock.inodeSize)
    let inode = try DiskInode(parsing: bytes, number: number, of: superblock, policy: policy)
    guard inode.type == .file, !inode.layout.contains(.inlineData) else {
      throw .corrupt(.journalFile, at: .inode(number))
    }
    return try map(inode, bytes.extracting(40..<100))
  }
}

extension UInt32 {
  /// Whether this transaction's number comes after the other's; numbers begin again after the last (tid_gt).
  fileprivate func isLater(than other: UInt32) -> Bool { Int32(bitPattern: self &- other) > 0 }
}
