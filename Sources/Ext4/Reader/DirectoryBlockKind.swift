import Bytes

/// What a block of a directory is. A node of a hash tree looks like a block without names, or with `.` and `..` alone: the
/// sizes of its first entries tell it from a leaf.
enum DirectoryBlockKind {
  /// Entries, and a tail of 12 bytes with the checksum.
  case leaf
  /// A node of a hash tree. Its table starts at the byte `table` with its limit and its count, and ends with a tail of
  /// eight bytes with the checksum.
  case node(table: Int)

  init(of block: Span<UInt8>) {
    if block.recordLength(at: 0) == block.count && block[6] == 0 {
      // One empty entry of the size of the block, then the table.
      self = .node(table: 8)
    } else if block.recordLength(at: 0) == 12 && block.recordLength(at: 12) == block.count - 12 {
      // The root: `.`, `..` with all the rest, within which lie eight bytes about the tree, then the table.
      self = .node(table: 32)
    } else {
      self = .leaf
    }
  }
}

extension Span<UInt8> {
  /// Whether the directory block has the right checksum, as a leaf or as a node of a hash tree.
  func hasDirectoryChecksum(seed: UInt32) -> Bool {
    switch DirectoryBlockKind(of: self) {
    case .leaf: hasLeafChecksum(seed: seed)
    case .node(let table): hasNodeChecksum(table: table, seed: seed)
    }
  }

  private func hasLeafChecksum(seed: UInt32) -> Bool {
    let tail = count - 12
    // An entry without inode, 12 bytes long, without name, of a type of its own.
    guard le(tail, as: UInt32.self) == 0, le(tail + 4, as: UInt32.self) == UInt32(Magic.directoryTail) << 24 | 12
    else { return false }
    return le(tail + 8, as: UInt32.self) == MetadataChecksums.directoryLeaf(self, seed: seed)
  }

  private func hasNodeChecksum(table: Int, seed: UInt32) -> Bool {
    let limit = Int(le(table, as: UInt16.self))
    let used = Int(le(table + 2, as: UInt16.self))
    let tail = table + 8 * limit
    guard used <= limit, tail + 8 <= count else { return false }
    return le(tail + 4, as: UInt32.self)
      == MetadataChecksums.htreeNode(self, entriesEnd: table + 8 * used, tail: tail, seed: seed)
  }
}
