import Bytes

extension Node {
  /// The journal of a file system of `blocks` blocks: empty, so that only its first block is not zero.
  init(journalOf blocks: Int, options: Ext4Options) {
    let count = Self.journalBlocks(of: blocks)
    number = ReservedInode.journal
    record = InodeRecord(
      reservedFileOf: count * GroupGeometry.blockSize, time: InodeTime(seconds: options.seconds), layout: .extents)
    payload = .bytes(Self.journalSuperblock(blocks: count, options: options), blocks: count)
  }

  /// The size that mke2fs gives a journal (ext2fs_default_journal_size, lib/ext2fs/mkjournal.c).
  private static func journalBlocks(of blocks: Int) -> Int {
    switch blocks {
    case ..<32768: 1024
    case ..<262144: 4096
    case ..<524288: 8192
    case ..<4_194_304: 16384
    case ..<8_388_608: 32768
    case ..<16_777_216: 65536
    case ..<33_554_432: 131072
    default: 262144
    }
  }

  /// journal_superblock_t (include/linux/jbd2.h), big-endian, of a journal without transactions.
  private static func journalSuperblock(blocks: Int, options: Ext4Options) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 1024)
    bytes.store(be: UInt32(0xC03B_3998), at: 0x00)  // h_magic
    bytes.store(be: UInt32(4), at: 0x04)  // h_blocktype: a superblock of version 2
    bytes.store(be: UInt32(GroupGeometry.blockSize), at: 0x0C)  // s_blocksize
    bytes.store(be: UInt32(blocks), at: 0x10)  // s_maxlen
    bytes.store(be: UInt32(1), at: 0x14)  // s_first
    bytes.store(be: UInt32(1), at: 0x18)  // s_sequence
    // s_uuid: an internal journal's own name, from which only its own checksums start (jbd2's j_csum_seed).
    bytes.store((options.checksumSeed ?? options.uuid).bytes, at: 0x30)
    bytes.store(be: UInt32(1), at: 0x40)  // s_nr_users
    return bytes
  }
}
