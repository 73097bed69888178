import FileTree
import Glibc

/// The numbers of this machine's users and groups: by those tar(1) understood names too when it wrote them.
enum AccountNumbers {
  /// The number of the user or group called `name`; nil if this machine knows none.
  static func number(of party: AccessControlList.Party, _ name: [UInt8]) -> UInt32? {
    let text = String(decoding: name, as: UTF8.self)
    return switch party {
    case .user: unsafe getpwnam(text).map { unsafe $0.pointee.pw_uid }
    case .group: unsafe getgrnam(text).map { unsafe $0.pointee.gr_gid }
    }
  }
}
