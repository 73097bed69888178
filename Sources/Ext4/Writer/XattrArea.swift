import Bytes
import FileTree

/// The extended attributes of one inode as the disk holds them: after the inode, and in one block ("Extended Attributes" in
/// Documentation/filesystems/ext4/attributes.rst).
///
/// Both places are packed from their two ends. Entries, 16 bytes and the name each, grow from the start; values grow from the
/// end towards them; an entry has the offset of its value. Four zero bytes end the entries. For `user.note`, "hi", and
/// `security.capability`, 20 bytes:
///
///     after i_extra_isize   magic │ entry "note" │ entry "capability" │ 0 │ … free … │ 20 bytes │ "hi", 2 zeros
///
/// Names lose their prefix, which a number stands for (`XattrNames`); entries are sorted by that number, then by the length
/// of the name and the name. What does not fit after the inode, 88 bytes in an inode of 256, goes to the block, which has a
/// header with hashes and a checksum.
struct XattrArea {
  /// What lies after i_extra_isize; empty without any attribute there.
  private(set) var inInode: [UInt8] = []
  /// The block; empty without one. Its checksum is missing: it depends on where the block lies.
  private(set) var block: [UInt8] = []

  /// The bytes that end a list of entries.
  private static let end = 4
  private static let blockHeader = 32

  /// No attributes.
  init() {}

  /// - Throws: `Unholdable` for a name that ext4 has no number for, an ACL that is none, or more than fits.
  init(_ attributes: [ExtendedAttribute]) throws(Unholdable) {
    if attributes.isEmpty { return }
    var entries: [Entry] = []
    for attribute in attributes { entries.append(try Entry(attribute)) }
    // A block is searched by this order (ext4_xattr_find_entry, fs/ext4/xattr.c).
    entries.sort()
    let (near, far) = Self.divide(entries)
    if !near.isEmpty {
      inInode = [UInt8](repeating: 0, count: InodeRecord.xattrSpace)
      inInode.store(le: Magic.xattr, at: 0)
      // Hashes stay zero here: nothing looks for them outside of blocks.
      Self.pack(near, into: &inInode, from: 4, valuesFrom: 4)
    }
    guard !far.isEmpty else { return }
    let size = far.reduce(0) { $0 + $1.size }
    guard Self.blockHeader + size + Self.end <= GroupGeometry.blockSize else {
      throw Unholdable(what: "\(size) bytes of extended attributes are more than ext4 holds beside a file")
    }
    block = Self.block(of: far)
  }

  /// The block with its checksum, to lie at block `number`.
  func block(at number: Int, checksums: MetadataChecksums) -> [UInt8] {
    var block = block
    block.store(le: checksums.xattrBlock(block.span, number: number), at: 0x10)
    return block
  }

  private static func block(of entries: [Entry]) -> [UInt8] {
    var block = [UInt8](repeating: 0, count: GroupGeometry.blockSize)
    block.store(le: Magic.xattr, at: 0)
    block.store(le: UInt32(1), at: 4)
    block.store(le: UInt32(1), at: 8)
    let hashes = entries.map { XattrHash.entry(name: $0.name, value: $0.value) }
    block.store(le: XattrHash.block(entries: hashes), at: 0x0C)
    for (place, hash) in zip(pack(entries, into: &block, from: blockHeader, valuesFrom: 0), hashes) {
      block.store(le: hash, at: place)
    }
    return block
  }

  /// The entries that go after the inode, and those that go into the block.
  ///
  /// The place after the inode is filled as far as any choice of entries fills it, so that the block has room for the rest
  /// of every set that another ext4 could hold: of 44, 44, 48 and 4012 bytes, the two of 44 belong in the 88 bytes there,
  /// although 48 is the largest that fits.
  private static func divide(_ entries: [Entry]) -> (near: [Entry], far: [Entry]) {
    let room = InodeRecord.xattrSpace - 4 - end
    // For each number of bytes, in units of four, the first choice of entries that takes exactly so many.
    var choices = [[Int]?](repeating: nil, count: room / 4 + 1)
    choices[0] = []
    for (index, entry) in entries.enumerated() where entry.size <= room {
      // From the largest sum down, so that no choice takes an entry twice.
      for sum in stride(from: room / 4, through: entry.size / 4, by: -1) where choices[sum] == nil {
        if let rest = choices[sum - entry.size / 4] { choices[sum] = rest + [index] }
      }
    }
    let near = Set((choices.last { $0 != nil } ?? nil) ?? [])
    return (
      entries.indices.filter { near.contains($0) }.map { entries[$0] },
      entries.indices.filter { !near.contains($0) }.map { entries[$0] }
    )
  }

  /// Writes entries upwards from `start` and values downwards from the end.
  ///
  /// - Returns: where each entry's hash belongs.
  @discardableResult
  private static func pack(
    _ entries: [Entry], into area: inout [UInt8], from start: Int, valuesFrom base: Int
  ) -> [Int] {
    var place = start
    var value = area.count
    var hashes: [Int] = []
    for entry in entries {
      value -= entry.value.count.rounded(upTo: 4)
      area[place] = UInt8(entry.name.count)
      area[place + 1] = entry.index.rawValue
      area.store(le: UInt16(entry.value.isEmpty ? 0 : value - base), at: place + 2)
      area.store(le: UInt32(entry.value.count), at: place + 8)
      hashes.append(place + 12)
      area.store(entry.name, at: place + 16)
      area.store(entry.value, at: value)
      place += 16 + entry.name.count.rounded(upTo: 4)
    }
    return hashes
  }
}

/// One attribute in the disk's form.
private struct Entry: Comparable {
  let index: XattrIndex
  let name: ArraySlice<UInt8>
  let value: [UInt8]

  init(_ attribute: ExtendedAttribute) throws(Unholdable) {
    guard let (index, name) = XattrIndex.split(attribute.name), name.count <= 255 else {
      throw Unholdable(what: "ext4 cannot hold an extended attribute of the name \"\(attribute.name.escaped)\"")
    }
    self.index = index
    self.name = name
    if index.isACL {
      guard let acl = AccessControlList(attribute: attribute.value) else {
        throw Unholdable(what: "the extended attribute \"\(attribute.name.escaped)\" is no ACL")
      }
      value = acl.ext4
    } else {
      value = attribute.value
    }
  }

  var size: Int { 16 + name.count.rounded(upTo: 4) + value.count.rounded(upTo: 4) }

  static func < (left: Entry, right: Entry) -> Bool {
    if left.index != right.index { return left.index.rawValue < right.index.rawValue }
    if left.name.count != right.name.count { return left.name.count < right.name.count }
    return left.name.lexicographicallyPrecedes(right.name)
  }
}
