import Bytes

/// One entry of a list of extended attributes (struct ext4_xattr_entry), checked against the region that it lies in.
struct XattrEntry {
  /// `e_name_index`; numbers that getxattr(2) does not show are among them.
  let index: UInt8
  /// Where the name lies in the region.
  let name: Range<Int>
  /// Where the value lies in the region; empty if it is an inode of its own.
  let value: Range<Int>
  /// The inode that is the value; 0 without one.
  let valueInode: UInt32
  /// Bytes of the value.
  let valueSize: Int

  /// The entries of `region` from `start` on. Values are counted from the region's first byte.
  ///
  /// - Throws: `Ext4Error.corrupt` if names or values leave the region, or values need more room than there is.
  static func all(in region: Span<UInt8>, from start: Int, of inode: UInt32) throws(Ext4Error) -> [XattrEntry] {
    var entries: [XattrEntry] = []
    var offset = start
    var room = region.count
    while true {
      guard offset + 4 <= region.count else { throw .corrupt(.xattrsWithoutEnd, at: .inode(inode)) }
      if region.le(offset, as: UInt32.self) == 0 { break }
      let entry = try XattrEntry(parsing: region, at: offset, of: inode)
      room -= entry.value.count
      // Values that overlap would let a small block hold much.
      guard room >= 0 else { throw .corrupt(.xattrOverlap, at: .inode(inode)) }
      entries.append(entry)
      offset = entry.name.upperBound.rounded(upTo: 4)
    }
    for entry in entries where !entry.value.isEmpty && entry.value.lowerBound < offset + 4 {
      throw .corrupt(.xattrAmongNames, at: .inode(inode))
    }
    return entries
  }

  private init(parsing region: Span<UInt8>, at offset: Int, of inode: UInt32) throws(Ext4Error) {
    guard offset + 16 <= region.count else { throw .corrupt(.xattrsWithoutEnd, at: .inode(inode)) }
    let e_name_len = Int(region[offset])
    index = region[offset + 1]
    name = offset + 16..<offset + 16 + e_name_len
    let e_value_offs = Int(region.le(offset + 2, as: UInt16.self))
    valueInode = region.le(offset + 4)
    valueSize = Int(region.le(offset + 8, as: UInt32.self))
    let inPlace = valueInode == 0 ? valueSize : 0
    guard name.upperBound <= region.count, inPlace == 0 || e_value_offs + inPlace <= region.count else {
      throw .corrupt(.xattrOutside, at: .inode(inode))
    }
    value = inPlace == 0 ? 0..<0 : e_value_offs..<e_value_offs + inPlace
    for place in name where region[place] == 0 {
      throw .corrupt(.xattrZeroByte, at: .inode(inode))
    }
  }
}
