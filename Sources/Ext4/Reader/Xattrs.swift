import Bytes
import FileTree

/// The extended attributes of one inode.
struct Xattrs {
  /// Those that getxattr(2) shows, in no order yet.
  var attributes: [ExtendedAttribute] = []
  /// The part of inline data that found no room in `i_block`.
  var inlineData: [UInt8]?
}

extension MetadataReader {
  /// Reads the extended attributes of `inode`, whose bytes in its table are given; sorted, no name twice.
  mutating func xattrs(of inode: DiskInode, _ bytes: Span<UInt8>) throws(Ext4Error) -> Xattrs {
    var found = Xattrs()
    let start = 128 + inode.extraSize
    // Without extra fields, what lies after the first 128 bytes was never written.
    if inode.extraSize > 0, start + 4 <= bytes.count, bytes.le(start, as: UInt32.self) == Magic.xattr {
      let region = bytes.extracting(start + 4..<bytes.count)
      try add(XattrEntry.all(in: region, from: 0, of: inode.number), in: region, of: inode.number, to: &found)
    }
    if inode.xattrBlock != 0 {
      found.attributes += try xattrs(inBlock: inode.xattrBlock, of: inode.number)
    }
    guard found.attributes.count > 1 else { return found }
    found.attributes.sort { $0.name.lexicographicallyPrecedes($1.name) }
    for (left, right) in zip(found.attributes, found.attributes.dropFirst()) where left.name == right.name {
      throw .corrupt(.duplicateXattr(left.name), at: .inode(inode.number))
    }
    return found
  }

  private mutating func xattrs(inBlock number: Int, of inode: UInt32) throws(Ext4Error) -> [ExtendedAttribute] {
    if let known = xattrBlocks[number] { return known }
    let bytes = try block(number, of: inode)
    let place = Ext4Error.Place.block(number, inode: inode)
    let h_magic: UInt32 = bytes.span.le(0)
    let h_blocks: UInt32 = bytes.span.le(8)
    guard h_magic == Magic.xattr, h_blocks == 1 else { throw .corrupt(.noXattrBlock, at: place) }
    if let checksums = superblock.checksums {
      if bytes.span.le(0x10, as: UInt32.self) != checksums.xattrBlock(bytes.span, number: number) {
        try policy.meetWrongChecksum(at: place)
      }
    }
    var found = Xattrs()
    try add(XattrEntry.all(in: bytes.span, from: 32, of: inode), in: bytes.span, of: inode, to: &found)
    guard found.inlineData == nil else { throw .corrupt(.inlineDataInBlock, at: place) }
    xattrBlocks[number] = found.attributes
    return found.attributes
  }

  private mutating func add(
    _ entries: [XattrEntry], in region: Span<UInt8>, of inode: UInt32, to found: inout Xattrs
  ) throws(Ext4Error) {
    for entry in entries {
      // What the kernel has no handler for, it does not show either.
      guard let index = XattrIndex(rawValue: entry.index) else { continue }
      let name = region.extracting(entry.name).array
      if index == .system {
        guard name == Array("data".utf8), entry.valueInode == 0 else { continue }
        found.inlineData = region.extracting(entry.value).array
      } else if let prefix = index.prefix {
        guard name.isEmpty == index.isACL else {
          throw .corrupt(.xattrNameSize(name.count), at: .inode(inode))
        }
        var value = try value(of: entry, in: region, inode: inode)
        if index.isACL { value = try AccessControlList(disk: value, of: inode).attribute }
        found.attributes.append(ExtendedAttribute(name: prefix.bytes + name, value: value))
      }
    }
  }

  private mutating func value(
    of entry: XattrEntry, in region: Span<UInt8>, inode: UInt32
  ) throws(Ext4Error) -> [UInt8] {
    guard entry.valueInode != 0 else { return region.extracting(entry.value).array }
    let value = try xattrValue(inInode: entry.valueInode, of: inode)
    guard value.count == entry.valueSize else {
      throw .corrupt(
        .xattrValueSize(value.count, inode: entry.valueInode, expected: entry.valueSize), at: .inode(inode))
    }
    return value
  }

  /// Reads the value that is inode `number` (INCOMPAT ea_inode).
  private mutating func xattrValue(inInode number: UInt32, of owner: UInt32) throws(Ext4Error) -> [UInt8] {
    if let known = xattrValues[number] { return known }
    let (piece, offset) = try tables.bytes(of: number)
    let bytes = piece.span.extracting(offset..<offset + superblock.inodeSize)
    let inode = try DiskInode(parsing: bytes, number: number, of: superblock, policy: policy)
    guard inode.type == .file, inode.layout.contains(.eaInode), !inode.layout.contains(.inlineData) else {
      throw .corrupt(.noXattrValue, at: .inode(number))
    }
    // XATTR_SIZE_MAX of linux/limits.h: what setxattr(2) takes.
    guard inode.size <= 65536 else {
      throw .unsupported("an extended attribute of more than 65536 bytes (inode \(number))")
    }
    let map = try map(inode, bytes.extracting(40..<100))
    let value = try self.bytes(map, of: number)
    // The value's checksum stands where others have the time of the last access; values that name their one owner, where
    // others have the time of the last change, are older than that (ext4_xattr_inode_iget).
    let (i_atime, i_mtime): (UInt32, UInt32) = (bytes.le(0x08), bytes.le(0x10))
    if i_mtime != owner && i_atime != CRC32C.of(value, seed: superblock.checksumSeed) {
      try policy.meetWrongChecksum(at: .inode(number))
    }
    xattrValues[number] = value
    return value
  }
}
