import Glibc
import SystemPackage

/// Removes folders of this machine with all that they hold. It follows no link.
package enum TreeRemoval {
  /// Removes what is at `path`, whatever it is; nothing there is fine.
  ///
  /// - Throws: `IOError` if something cannot be removed; what was removed so far is gone.
  package static func remove(_ path: FilePath) throws(IOError) {
    guard let name = path.lastComponent else { throw IOError(path, "remove", .invalidArgument) }
    let bytes = unsafe name.withPlatformString { unsafe Array(UnsafeBufferPointer(start: $0, count: strlen($0))) }
    try remove(bytes.map { UInt8(bitPattern: $0) }, in: HeldFolder(path.removingLastComponent()))
  }

  /// Removes what is called `name` in `parent`, whatever it is; nothing there is fine.
  ///
  /// - Throws: `IOError` if something cannot be removed; what was removed so far is gone.
  package static func remove(_ name: [UInt8], in parent: HeldFolder) throws(IOError) {
    let above = parent.descriptor.rawValue
    let path = parent.path
    let inner = unsafe withCName(name) { unsafe openat(above, $0, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) }
    if inner < 0 {
      let error = Errno(rawValue: errno)
      switch error {
      case .noSuchFileOrDirectory: return
      case .notDirectory, .tooManySymbolicLinkLevels: return try unlink(name, in: above, flags: 0, path: path)
      default: throw IOError(path, "open a folder in", error)
      }
    }
    let folder = FileDescriptor(rawValue: inner)
    defer { try? folder.close() }
    var descent = try TreeDescent(folder, path: path)
    try descent.walk { (folder, name, _) throws(IOError) in
      try unlink(name, in: folder, flags: 0, path: path)
    } folder: { (_) throws(IOError) in
    } left: { (parent, name) throws(IOError) in
      try unlink(name, in: parent, flags: AT_REMOVEDIR, path: path)
    }
    try unlink(name, in: above, flags: AT_REMOVEDIR, path: path)
  }

  private static func unlink(_ name: [UInt8], in folder: Int32, flags: Int32, path: FilePath) throws(IOError) {
    let error = unsafe withCName(name) { name in failure { unsafe unlinkat(folder, name, flags) } }
    if let error, error != .noSuchFileOrDirectory {
      throw IOError(path.appending(String(decoding: name, as: UTF8.self)), "remove", error)
    }
  }
}
