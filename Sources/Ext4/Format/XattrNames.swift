/// The prefixes of the names of extended attributes, which the disk keeps as a number (`e_name_index`, fs/ext4/xattr.h).
enum XattrIndex: UInt8, CaseIterable {
  case user = 1
  case posixACLAccess = 2
  case posixACLDefault = 3
  case trusted = 4
  case security = 6
  /// Inline data, under the name `data`; nothing that getxattr(2) shows.
  case system = 7
  case hurd = 10

  /// What getxattr(2) puts before the name on the disk; the whole name of an ACL. nil where it shows nothing.
  var prefix: StaticString? {
    switch self {
    case .user: "user."
    case .posixACLAccess: "system.posix_acl_access"
    case .posixACLDefault: "system.posix_acl_default"
    case .trusted: "trusted."
    case .security: "security."
    case .system: nil
    case .hurd: "gnu."
    }
  }

  /// Whether the value is an ACL, which the disk keeps in another form than getxattr(2) gives.
  var isACL: Bool { self == .posixACLAccess || self == .posixACLDefault }

  /// Splits a whole name, such as `user.comment`, into the number and what the disk keeps of the name.
  ///
  /// nil if ext4 has no number for it: `system.` has only the two ACLs.
  static func split(_ name: [UInt8]) -> (index: XattrIndex, name: ArraySlice<UInt8>)? {
    for index in allCases {
      guard let prefix = index.prefix?.bytes, name.starts(with: prefix) else { continue }
      let rest = name[prefix.count...]
      if rest.isEmpty == index.isACL { return (index, rest) }
    }
    return nil
  }
}

extension StaticString {
  /// The bytes of an ASCII literal.
  var bytes: [UInt8] { withUTF8Buffer { unsafe Array($0) } }
}
