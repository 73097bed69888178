import Bytes

/// The text of ACLs in tar archives, such as `user::rw-,user:1000:r--,group::r--,mask::r--,other::r--` (acl(5)).
extension AccessControlList {
  /// What a text can be that is no ACL, or one that means nothing here.
  package enum TextProblem: Error {
    case notACL
    /// A user or group that is named without a number, and that nobody knows.
    case unknownName([UInt8])
  }

  /// Whose number a name stands for.
  package enum Party: Sendable { case user, group }

  private static let words: [(word: String, plain: Tag, named: Tag?)] = [
    ("user", .owner, .user), ("group", .owningGroup, .group), ("mask", .mask, nil), ("other", .other, nil),
  ]

  /// Parses a text.
  ///
  /// - Parameter number: the number of a user or group that the text names without one; nil if there is none.
  /// - Throws: `TextProblem`.
  package init(
    parsing text: [UInt8], number: (Party, [UInt8]) -> UInt32? = { _, _ in nil }
  ) throws(TextProblem) {
    var entries: [Entry] = []
    for part in text.split(whereSeparator: { $0 == 0x2C || $0 == 0x0A }) {
      let entry = part.prefix { $0 != 0x23 }.filter { $0 != 0x20 && $0 != 0x09 }
      if !entry.isEmpty { entries.append(try Self.entry(entry, number: number)) }
    }
    // As the kernel wants them: by tag, then by id.
    entries.sort { ($0.tag.rawValue, $0.id) < ($1.tag.rawValue, $1.id) }
    for index in entries.indices.dropFirst()
    where (entries[index].tag, entries[index].id) == (entries[index - 1].tag, entries[index - 1].id) {
      throw .notACL
    }
    self.init(entries)
  }

  /// The text, with numbers and no names: the same on every machine. Nil if it could not say all: a text has no more
  /// than three permissions.
  package var text: String? {
    guard entries.allSatisfy({ $0.permissions <= 7 }) else { return nil }
    return entries.map { entry in
      let word = Self.words.first { $0.plain == entry.tag || $0.named == entry.tag }?.word ?? ""
      let bits = [("r", 4), ("w", 2), ("x", 1)].map { entry.permissions & UInt16($0.1) == 0 ? "-" : $0.0 }.joined()
      return "\(word):\(entry.tag.hasID ? "\(entry.id)" : ""):\(bits)"
    }.joined(separator: ",")
  }

  private static func entry(
    _ text: [UInt8], number: (Party, [UInt8]) -> UInt32?
  ) throws(TextProblem) -> Entry {
    let fields = text.split(separator: 0x3A, omittingEmptySubsequences: false).map(Array.init)
    // Some write "other:r--" and "mask:r--".
    let hasName = fields.count >= 3
    guard (2...4).contains(fields.count), let permissions = permissions(fields[hasName ? 2 : 1]),
      let word = words.first(where: { fields[0] == Array($0.word.utf8) || fields[0] == Array($0.word.utf8.prefix(1)) })
    else { throw .notACL }
    let name = hasName ? fields[1] : []
    guard !name.isEmpty else { return Entry(tag: word.plain, permissions: permissions, id: .max) }
    guard let tag = word.named else { throw .notACL }
    // star adds the number after the permissions.
    let digits = fields.count == 4 ? fields[3] : name
    guard let id = UInt32(String(decoding: digits, as: UTF8.self)) ?? number(tag == .user ? .user : .group, name)
    else { throw .unknownName(name) }
    return Entry(tag: tag, permissions: permissions, id: id)
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
}
