import Bytes

/// A POSIX ACL, which ext4 and getxattr(2) write differently: ext4 in its version 1, where only named users and groups
/// have an id (fs/ext4/acl.h), getxattr(2) in version 2 (linux/posix_acl_xattr.h).
struct AccessControlList: Equatable {
  private struct Entry: Equatable {
    var tag: UInt16
    var permissions: UInt16
    /// All ones where the tag has none.
    var id: UInt32
  }

  private var entries: [Entry] = []

  /// The tags that have an id: ACL_USER and ACL_GROUP.
  private static let namedTags: Set<UInt16> = [0x02, 0x08]
  /// ACL_USER_OBJ, ACL_GROUP_OBJ, ACL_MASK and ACL_OTHER.
  private static let plainTags: Set<UInt16> = [0x01, 0x04, 0x10, 0x20]

  /// Parses the form of the disk.
  ///
  /// - Throws: `Ext4Error.corrupt` with `inode`, whose ACL it is.
  init(disk value: [UInt8], of inode: UInt32) throws(Ext4Error) {
    let bytes = value.span
    guard bytes.count >= 4, bytes.le(0, as: UInt32.self) == 1 else {
      throw .corrupt("an ACL of another version than 1", at: .inode(inode))
    }
    var offset = 4
    while offset < bytes.count {
      guard offset + 4 <= bytes.count else { throw .corrupt("an ACL cut short", at: .inode(inode)) }
      var entry = Entry(tag: bytes.le(offset), permissions: bytes.le(offset + 2), id: .max)
      offset += 4
      if Self.namedTags.contains(entry.tag) {
        guard offset + 4 <= bytes.count else { throw .corrupt("an ACL cut short", at: .inode(inode)) }
        entry.id = bytes.le(offset)
        offset += 4
      } else if !Self.plainTags.contains(entry.tag) {
        throw .corrupt("an ACL with tag \(entry.tag)", at: .inode(inode))
      }
      entries.append(entry)
    }
  }

  /// Parses the form of getxattr(2); nil if `attribute` is not that.
  init?(attribute: [UInt8]) {
    let bytes = attribute.span
    guard bytes.count >= 4, bytes.count % 8 == 4, bytes.le(0, as: UInt32.self) == 2 else { return nil }
    for offset in stride(from: 4, to: bytes.count, by: 8) {
      let entry = Entry(tag: bytes.le(offset), permissions: bytes.le(offset + 2), id: bytes.le(offset + 4))
      guard Self.namedTags.contains(entry.tag) || Self.plainTags.contains(entry.tag) else { return nil }
      entries.append(entry)
    }
  }

  /// The form of getxattr(2).
  var attribute: [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(le: UInt32(2))
    for entry in entries {
      bytes.append(le: entry.tag)
      bytes.append(le: entry.permissions)
      bytes.append(le: entry.id)
    }
    return bytes
  }

  /// The form of the disk.
  var disk: [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(le: UInt32(1))
    for entry in entries {
      bytes.append(le: entry.tag)
      bytes.append(le: entry.permissions)
      if Self.namedTags.contains(entry.tag) { bytes.append(le: entry.id) }
    }
    return bytes
  }
}
