import Bytes

extension HandmadeImage {
  /// Makes the file system one that was not unmounted, with a journal of `count` blocks: `log` from its second on.
  mutating func setJournal(
    _ log: [[UInt8]], count: Int = 32, start: UInt32 = 1, sequence: UInt32 = 7, features: UInt32 = 1
  ) {
    setSuperblock(0x5C, UInt32(0x2C))
    setSuperblock(0x60, UInt32(0x46))
    setSuperblock(0xE0, UInt32(8))
    let first = addBlocks(count)
    setInode(
      8, mode: 0o100600, size: UInt64(count * 1024), root: Self.node(depth: 0, [(0, UInt16(count), first)]))
    var superblock = Self.journalBlock(4, 0)
    for value in [1024, UInt32(count), 1, sequence, start, 0, 0, features, 0] {
      superblock.append(le: value.byteSwapped)
    }
    setBlock(first, superblock)
    for (index, block) in log.enumerated() { setBlock(first + 1 + index, block) }
  }

  /// Where the journal starts that `setJournal` makes first of all.
  static let journalStart = 27

  /// A block of a journal up to `content`.
  static func journalBlock(_ type: UInt32, _ sequence: UInt32, _ content: [UInt8] = []) -> [UInt8] {
    var block: [UInt8] = []
    for value in [0xC03B_3998, type, sequence] { block.append(le: value.byteSwapped) }
    return block + content
  }

  /// A descriptor of blocks with these numbers, without checksums or 64-bit numbers.
  static func descriptor(_ sequence: UInt32, _ blocks: [UInt32], flags: UInt16 = 2) -> [UInt8] {
    var tags: [UInt8] = []
    for (index, block) in blocks.enumerated() {
      tags.append(le: block.byteSwapped)
      tags.append(le: UInt16(0))
      tags.append(le: (index == blocks.count - 1 ? flags | 8 : flags).byteSwapped)
    }
    return journalBlock(1, sequence, tags)
  }

  /// A list of revoked blocks.
  static func revocation(_ sequence: UInt32, _ blocks: [UInt32], count: UInt32? = nil) -> [UInt8] {
    var list: [UInt8] = []
    list.append(le: (count ?? UInt32(16 + 4 * blocks.count)).byteSwapped)
    for block in blocks { list.append(le: block.byteSwapped) }
    return journalBlock(5, sequence, list)
  }

  static func commit(_ sequence: UInt32) -> [UInt8] { journalBlock(2, sequence) }
}
