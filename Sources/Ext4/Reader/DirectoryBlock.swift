import Bytes
import FileTree

/// A directory being read: its entries, and the inodes that they name.
struct DirectoryEntries {
  private(set) var directory = Directory()
  /// Where the entry `..` leads; nil without one.
  private(set) var parent: UInt32?
  /// The inode and the type of each entry, in the order of the disk.
  private(set) var children: [NamedChild] = []
  /// Whether entries tell types; if not, their byte is a part of the name's length (INCOMPAT filetype).
  private let hasTypes: Bool
  /// The directory's place among those that were read.
  private let place: Int

  init(hasTypes: Bool, place: Int) {
    self.hasTypes = hasTypes
    self.place = place
  }

  /// Adds the entries of `block`, a whole block of the directory `inode` or a part of inline data (struct
  /// ext4_dir_entry_2). Nodes of hash trees look like empty blocks, and add nothing.
  mutating func append(parsing block: Span<UInt8>, of inode: UInt32) throws(Ext4Error) {
    var offset = 0
    while offset < block.count {
      guard offset + 8 <= block.count else { throw .corrupt(.entryCutShort, at: .inode(inode)) }
      let number: UInt32 = block.le(offset)
      let length = block.recordLength(at: offset)
      let name_len = Int(block[offset + 6])
      guard length >= 8 + name_len, length % 4 == 0, length <= block.count - offset else {
        throw .corrupt(.entrySize(length, nameSize: name_len), at: .inode(inode))
      }
      if number != 0 {
        let type = hasTypes ? EntryType(rawValue: block[offset + 7]) : nil
        try append(block.extracting(offset + 8..<offset + 8 + name_len), number, type ?? .unknown, of: inode)
      }
      offset += length
    }
  }

  private mutating func append(
    _ name: Span<UInt8>, _ number: UInt32, _ type: EntryType, of inode: UInt32
  ) throws(Ext4Error) {
    if name.count <= 2 && name.count > 0 && name[0] == 0x2E && name[name.count - 1] == 0x2E {
      if name.count == 2 { parent = number }
      return
    }
    var isValid = !name.isEmpty
    for index in name.indices where name[index] == 0 || name[index] == 0x2F { isValid = false }
    guard isValid else { throw .corrupt(.entryName(name.array), at: .inode(inode)) }
    directory.appendUnsorted(name, InodeID(number))
    children.append(NamedChild(number, type: type, place: place))
  }

  /// Sorts the directory.
  ///
  /// - Throws: `Ext4Error.corrupt` if a name occurs twice.
  mutating func finish(of inode: UInt32) throws(Ext4Error) {
    if let name = directory.sort() { throw .corrupt(.duplicateEntry(name), at: .inode(inode)) }
  }
}

/// What an entry tells of an inode. Many are sorted by number, so each is one integer.
struct NamedChild: Comparable {
  private let packed: UInt64

  /// - Parameter place: the place of the folder among those that were read.
  init(_ number: UInt32, type: EntryType, place: Int) {
    packed = UInt64(number) << 32 | UInt64(place) << 3 | UInt64(type.rawValue)
  }

  var number: UInt32 { UInt32(truncatingIfNeeded: packed >> 32) }
  var type: EntryType { EntryType(rawValue: UInt8(packed & 7)) ?? .unknown }
  var place: Int { Int(packed & 0xFFFF_FFFF) >> 3 }

  static func < (left: NamedChild, right: NamedChild) -> Bool { left.packed < right.packed }
}

extension Span<UInt8> {
  /// The length of the directory entry at `offset`. 65536 does not fit the field: the lowest bits, always zero, hold
  /// the highest (ext4_rec_len_from_disk).
  func recordLength(at offset: Int) -> Int {
    let rec_len = Int(le(offset + 4, as: UInt16.self))
    guard count == 65536 else { return rec_len }
    return rec_len == 65535 || rec_len == 0 ? 65536 : rec_len & 65532 | (rec_len & 3) << 16
  }
}
