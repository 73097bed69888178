import Bytes

/// A POSIX ACL in the forms in which it is kept: the value of getxattr(2), version 2 (linux/posix_acl_xattr.h), ext4's own
/// of version 1, where only named users and groups have an id (fs/ext4/acl.h), and text (`AccessControlText.swift`).
package struct AccessControlList: Hashable, Sendable {
  /// Whom an entry is for, with the numbers of acl(5) (linux/posix_acl.h).
  enum Tag: UInt16 {
    case owner = 0x01
    case user = 0x02
    case owningGroup = 0x04
    case group = 0x08
    case mask = 0x10
    case other = 0x20

    /// Whether an id says which user or group.
    var hasID: Bool { self == .user || self == .group }
  }

  /// What one entry allows to whom.
  struct Entry: Hashable, Sendable {
    let tag: Tag
    /// Read 4, write 2, execute 1. Some keep other bits here, which the kernel ignores.
    let permissions: UInt16
    /// All ones where the tag has none.
    let id: UInt32
  }

  let entries: [Entry]

  /// A value that is no ACL, by what is wrong with it.
  package enum Problem: Error, Equatable {
    case version
    case cutShort
    case tag(UInt16)
  }

  init(_ entries: [Entry]) { self.entries = entries }

  /// Parses the value of getxattr(2); nil if `attribute` is not that.
  package init?(attribute: [UInt8]) {
    let bytes = attribute.span
    guard bytes.count >= 4, bytes.count % 8 == 4, bytes.le(0, as: UInt32.self) == 2 else { return nil }
    var entries: [Entry] = []
    entries.reserveCapacity(bytes.count / 8)
    for offset in stride(from: 4, to: bytes.count, by: 8) {
      guard let tag = Tag(rawValue: bytes.le(offset)) else { return nil }
      entries.append(Entry(tag: tag, permissions: bytes.le(offset + 2), id: bytes.le(offset + 4)))
    }
    self.init(entries)
  }

  /// Parses ext4's form.
  ///
  /// - Throws: `Problem` if `value` is not that.
  package init(ext4 value: [UInt8]) throws(Problem) {
    let bytes = value.span
    guard bytes.count >= 4, bytes.le(0, as: UInt32.self) == 1 else { throw .version }
    var entries: [Entry] = []
    var offset = 4
    while offset < bytes.count {
      guard offset + 4 <= bytes.count else { throw .cutShort }
      let number: UInt16 = bytes.le(offset)
      guard let tag = Tag(rawValue: number) else { throw .tag(number) }
      let permissions: UInt16 = bytes.le(offset + 2)
      offset += 4
      guard tag.hasID else {
        entries.append(Entry(tag: tag, permissions: permissions, id: .max))
        continue
      }
      guard offset + 4 <= bytes.count else { throw .cutShort }
      entries.append(Entry(tag: tag, permissions: permissions, id: bytes.le(offset)))
      offset += 4
    }
    self.init(entries)
  }

  /// The value of getxattr(2).
  package var attribute: [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(le: UInt32(2))
    for entry in entries {
      bytes.append(le: entry.tag.rawValue)
      bytes.append(le: entry.permissions)
      bytes.append(le: entry.id)
    }
    return bytes
  }

  /// ext4's form.
  package var ext4: [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(le: UInt32(1))
    for entry in entries {
      bytes.append(le: entry.tag.rawValue)
      bytes.append(le: entry.permissions)
      if entry.tag.hasID { bytes.append(le: entry.id) }
    }
    return bytes
  }

  /// Whether the permission bits say as much.
  package var isMinimal: Bool {
    entries.count <= 3 && entries.allSatisfy { [.owner, .owningGroup, .other].contains($0.tag) }
  }

  /// The permission bits as the kernel has them beside this list: a mask, where there is one, stands for the group.
  package var permissions: UInt16 {
    func bits(_ tag: Tag) -> UInt16? { entries.first { $0.tag == tag }.map { $0.permissions & 7 } }
    return (bits(.owner) ?? 0) << 6 | (bits(.mask) ?? bits(.owningGroup) ?? 0) << 3 | (bits(.other) ?? 0)
  }
}
