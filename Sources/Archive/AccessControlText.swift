import Bytes
import Glibc

/// A POSIX ACL between the text of tar archives, such as `user::rw-,user:1000:r--,group::r--,mask::r--,other::r--`, and
/// the value of getxattr(2), version 2 (linux/posix_acl_xattr.h).
struct AccessControlText {
  private struct Entry {
    var tag: UInt16
    var id: UInt32
    var permissions: UInt16
  }

  private var entries: [Entry]

  /// What a text can be that is no ACL, or one that means nothing here.
  enum Problem: Error {
    case notACL
    /// A user or group that the archive names without a number, and this machine does not know.
    case unknownName([UInt8])
  }

  private static let words: [(word: String, plain: UInt16, named: UInt16?)] = [
    ("user", 0x01, 0x02), ("group", 0x04, 0x08), ("mask", 0x10, nil), ("other", 0x20, nil),
  ]

  /// Parses a text. Names without a number are those of this machine, as for tar(1) that wrote them.
  init(parsing text: [UInt8]) throws(Problem) {
    entries = []
    for part in text.split(whereSeparator: { $0 == 0x2C || $0 == 0x0A }) {
      let entry = part.prefix { $0 != 0x23 }.filter { $0 != 0x20 && $0 != 0x09 }
      if !entry.isEmpty { entries.append(try Self.entry(entry)) }
    }
    // As the kernel wants them: by tag, then by id.
    entries.sort { ($0.tag, $0.id) < ($1.tag, $1.id) }
    for index in entries.indices.dropFirst()
    where (entries[index].tag, entries[index].id) == (entries[index - 1].tag, entries[index - 1].id) {
      throw .notACL
    }
  }

  /// Parses a value of getxattr(2); nil if it is none.
  init?(attribute: [UInt8]) {
    let bytes = attribute.span
    guard bytes.count >= 4, bytes.count % 8 == 4, bytes.le(0, as: UInt32.self) == 2 else { return nil }
    entries = stride(from: 4, to: bytes.count, by: 8).map {
      Entry(tag: bytes.le($0), id: bytes.le($0 + 4), permissions: bytes.le($0 + 2))
    }
    let known = Self.words.flatMap { [$0.plain, $0.named ?? $0.plain] }
    guard entries.allSatisfy({ known.contains($0.tag) && $0.permissions <= 7 }) else { return nil }
  }

  /// Whether the permission bits say as much.
  var isMinimal: Bool { entries.count <= 3 && entries.allSatisfy { [0x01, 0x04, 0x20].contains($0.tag) } }

  /// The permission bits as the kernel has them beside this list: a mask, where there is one, stands for the group.
  var permissions: UInt16 {
    func bits(_ tag: UInt16) -> UInt16? { entries.first { $0.tag == tag }?.permissions }
    return (bits(0x01) ?? 0) << 6 | (bits(0x10) ?? bits(0x04) ?? 0) << 3 | (bits(0x20) ?? 0)
  }

  /// The value of getxattr(2).
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

  /// The text, with numbers and no names: the same on every machine.
  var text: String {
    entries.map { entry in
      let word = Self.words.first { $0.plain == entry.tag || $0.named == entry.tag }
      let name = word?.named == entry.tag ? "\(entry.id)" : ""
      let bits = [("r", 4), ("w", 2), ("x", 1)].map { entry.permissions & UInt16($0.1) == 0 ? "-" : $0.0 }.joined()
      return "\(word?.word ?? ""):\(name):\(bits)"
    }.joined(separator: ",")
  }

  private static func entry(_ text: [UInt8]) throws(Problem) -> Entry {
    let fields = text.split(separator: 0x3A, omittingEmptySubsequences: false).map(Array.init)
    // Some write "other:r--" and "mask:r--".
    let hasName = fields.count >= 3
    guard (2...4).contains(fields.count), let permissions = permissions(fields[hasName ? 2 : 1]),
      let word = words.first(where: { fields[0] == Array($0.word.utf8) || fields[0] == Array($0.word.utf8.prefix(1)) })
    else { throw .notACL }
    let name = hasName ? fields[1] : []
    guard !name.isEmpty else { return Entry(tag: word.plain, id: .max, permissions: permissions) }
    guard let tag = word.named else { throw .notACL }
    // star adds the number after the permissions.
    let number = fields.count == 4 ? fields[3] : name
    guard let id = UInt32(String(decoding: number, as: UTF8.self)) ?? Self.id(of: name, isUser: tag == 0x02) else {
      throw .unknownName(name)
    }
    return Entry(tag: tag, id: id, permissions: permissions)
  }

  private static func permissions(_ text: [UInt8]) -> UInt16? {
    var bits: UInt16 = 0
    for byte in text {
      switch byte {
      case UInt8(ascii: "r"): bits |= 4
      case UInt8(ascii: "w"): bits |= 2
      case UInt8(ascii: "x"): bits |= 1
      case UInt8(ascii: "-"): break
      default: return nil
      }
    }
    return bits
  }

  private static func id(of name: [UInt8], isUser: Bool) -> UInt32? {
    let text = String(decoding: name, as: UTF8.self)
    if isUser { return unsafe getpwnam(text).map { unsafe $0.pointee.pw_uid } }
    return unsafe getgrnam(text).map { unsafe $0.pointee.gr_gid }
  }
}
