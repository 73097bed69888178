import Bytes
import Storage

/// A block that a transaction wrote: which, and where its bytes wait.
struct JournalWrite {
  /// The block of the file system.
  let block: Int
  /// The block of the journal.
  let logBlock: Int
  /// The transaction.
  let sequence: UInt32
  /// The checksum of its data; only the lower half with checksums of version 2.
  let checksum: UInt32
  /// Whether its first four bytes, which are the journal's magic number, lie there as zeros.
  let isEscaped: Bool
}

/// Finds the transactions of a journal that were committed whole, as jbd2 does in the first of its passes (do_one_pass,
/// fs/jbd2/recovery.c; "Layout" and "Descriptor Block" in
/// Documentation/filesystems/ext4/journal.rst).
///
/// A transaction is a descriptor, whose tags name the blocks of the file system that follow it in the log; lists of revoked
/// blocks; and a commit. The log goes round: after its last block comes its first. A tag has 8 to 16 bytes, as the journal's
/// features say (`JournalFeatures.tagSize`): the number of the block, flags and a checksum; a UUID of 16 bytes follows it
/// unless it is flagged as the same as before.
///
///     descriptor 41 │ data for 1,200 │ data for 1,315 │ commit 41
///     descriptor 42 │ data for 1,200 │ revoked: 1,315 │ commit 42
///     descriptor 43 │ data for 1,400 │ the end: no commit 43, so the transaction did not happen
///
/// Replay writes 1,200 as transaction 42 has it. It does not write 1,315: a revocation cancels what its own and earlier
/// transactions wrote, since the block was freed and may hold a file's data now. Data that begin with the journal's magic
/// number would look like a block of the journal: they lie there with zeros in that place, and their tag says "escaped".
///
/// The log is read once around at most, whatever it holds.
struct JournalScan {
  /// All that the committed transactions wrote, oldest first.
  private(set) var writes: [JournalWrite] = []
  /// The journal's blocks that list revoked blocks, with their transactions.
  private(set) var revocations: [(logBlock: Int, sequence: UInt32)] = []
  /// The first transaction that was not committed.
  private(set) var end: UInt32

  private let log: JournalLog
  private let policy: ReadPolicy
  /// The next block of the log, and how many have not been visited.
  private var position: Int
  private var unvisited: Int
  /// The transaction that the next block must belong to.
  private var sequence: UInt32
  /// When the last transaction was committed.
  private var lastTime: UInt64 = 0
  /// The running checksum of the transaction.
  private var transactionChecksum: UInt32 = ~0
  /// Whether a descriptor or a list of the transaction has a wrong checksum.
  private var isSuspect = false
  /// Whether a commit that may have been interrupted has been passed: nothing from there on counts.
  private var isInterrupted = false

  /// Scans `log` from `start` on.
  ///
  /// - Throws: `Ext4Error.corrupt` if what is there was committed, but has a wrong checksum.
  init(_ log: JournalLog, from start: Int, policy: ReadPolicy) throws(Ext4Error) {
    self.log = log
    self.policy = policy
    position = start
    unvisited = log.superblock.log.count
    sequence = log.superblock.sequence
    end = sequence
    while try scanTransaction() {}
  }

  /// Scans one transaction.
  ///
  /// - Returns: whether there may be more: false at the end of the log.
  private mutating func scanTransaction() throws(Ext4Error) -> Bool {
    let (writeCount, revocationCount) = (writes.count, revocations.count)
    let isCommitted = try scanBlocks()
    if !isCommitted || isInterrupted {
      writes.removeSubrange(writeCount...)
      revocations.removeSubrange(revocationCount...)
    }
    if isCommitted {
      sequence &+= 1
      transactionChecksum = ~0
      if !isInterrupted { end = sequence }
    }
    return isCommitted
  }

  /// Scans blocks up to the commit that ends a transaction; false if the log ends before it.
  private mutating func scanBlocks() throws(Ext4Error) -> Bool {
    while let number = advance() {
      let bytes = try log.block(number)
      let block = bytes.span
      guard let header = JournalBlockHeader(parsing: block), header.sequence == sequence else { return false }
      switch header.type {
      case .descriptor:
        checkTail(of: block)
        if log.superblock.hasTransactionChecksums { takeIn(block) }
        guard try scanTags(of: block) else { return false }
      case .revoke:
        checkTail(of: block)
        revocations.append((number, sequence))
      case .commit:
        return try accept(commit: block, at: number)
      case .superblockV1, .superblockV2, nil:
        return false
      }
    }
    return false
  }

  /// The next block of the log; nil once all were visited.
  private mutating func advance() -> Int? {
    guard unvisited > 0 else { return nil }
    unvisited -= 1
    let number = position
    position = number + 1 < log.superblock.log.upperBound ? number + 1 : log.superblock.log.lowerBound
    return number
  }

  /// Notes what the descriptor `block` lists; its data follow it. False if they do not fit the log.
  private mutating func scanTags(of block: Span<UInt8>) throws(Ext4Error) -> Bool {
    let features = log.superblock.features
    let end = block.count - features.tailSize
    var offset = JournalBlockHeader.size
    while offset + features.tagSize <= end {
      guard let number = advance() else { return false }
      let t_flags = JournalTagFlags(rawValue: block.be(offset + 6))
      let t_blocknr_high: UInt32 = features.contains(.bit64) ? block.be(offset + 8) : 0
      let checksum: UInt32 =
        features.contains(.checksumV3) ? block.be(offset + 12) : UInt32(block.be(offset + 4, as: UInt16.self))
      writes.append(
        JournalWrite(
          block: Int(clamping: UInt64(t_blocknr_high) << 32 | UInt64(block.be(offset, as: UInt32.self))),
          logBlock: number, sequence: sequence, checksum: checksum, isEscaped: t_flags.contains(.escaped)))
      if log.superblock.hasTransactionChecksums {
        let data = try log.block(number)
        takeIn(data.span)
      }
      offset += features.tagSize
      if !t_flags.contains(.sameUUID) { offset += 16 }
      if t_flags.contains(.last) { break }
    }
    return true
  }

  private mutating func takeIn(_ block: Span<UInt8>) {
    transactionChecksum = CRC32MostSignificantFirst.of(block, seed: transactionChecksum)
  }

  /// Notes whether a descriptor or list of revoked blocks has the right checksum. If not, it may be left over from the
  /// journal's last round: the commit tells.
  private mutating func checkTail(of block: Span<UInt8>) {
    guard let checksums = log.superblock.checksums else { return }
    let field = block.count - 4
    if block.be(field, as: UInt32.self) != checksums.block(block, field: field) { isSuspect = true }
  }

  /// Whether the transaction that the commit `block` ends counts.
  private mutating func accept(commit block: Span<UInt8>, at number: Int) throws(Ext4Error) -> Bool {
    let h_commit_sec: UInt64 = block.be(48)
    // A later commit proves that the one before had not been interrupted.
    let isDamaged = isSuspect || isInterrupted
    if !isDamaged && hasRightChecksum(commit: block) {
      lastTime = h_commit_sec
      return true
    }
    // Older than the last: left over from the journal's last round.
    guard h_commit_sec >= lastTime else { return false }
    if !isDamaged && log.superblock.features.contains(.asyncCommit) {
      isInterrupted = true
      return true
    }
    try policy.meetWrongChecksum(at: .journal(block: number))
    return false
  }

  private func hasRightChecksum(commit block: Span<UInt8>) -> Bool {
    let h_chksum: UInt32 = block.be(16)
    if log.superblock.hasTransactionChecksums {
      // h_chksum_type and h_chksum_size: CRC-32 of four bytes, or none.
      let isUnused = block[12] == 0 && block[13] == 0 && h_chksum == 0
      return isUnused || (block[12] == 1 && block[13] == 4 && h_chksum == transactionChecksum)
    }
    guard let checksums = log.superblock.checksums else { return true }
    if h_chksum == checksums.block(block, field: 16) { return true }
    // The sectors after the header's may not have been written (jbd2_commit_block_csum_verify_partial).
    var header = [UInt8](repeating: 0, count: block.count)
    header.store(block.extracting(0..<60).array, at: 0)
    return h_chksum == checksums.block(header.span, field: 16)
  }
}
