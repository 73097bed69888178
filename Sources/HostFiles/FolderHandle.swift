import CLinux
import FileTree
import Glibc
import Storage
import struct SystemPackage.Errno
import struct SystemPackage.FileDescriptor
import struct SystemPackage.FilePath

/// An open folder of this machine. Calls name one entry of it, or a path beneath it, and follow no symbolic link, so nothing that a
/// tree or a folder contains leads outside; `setMode` alone, for which Linux has no such call, must not be given a link.
@safe
package struct FolderHandle: ~Copyable, Sendable {
  let descriptor: Int32
  private let makePath: @Sendable () -> FilePath
  /// The path by which messages call the folder.
  package var path: FilePath { makePath() }

  /// Opens the folder at `path`.
  package init(_ path: FilePath) throws(IOError) {
    // Not `path.string`: a path that is not UTF-8 would become another one.
    descriptor = unsafe path.withPlatformString { unsafe open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    makePath = { path }
    if descriptor < 0 { throw IOError(path, "open", Errno(rawValue: errno)) }
  }

  /// Opens `folder` once more.
  package init(_ folder: HeldFolder) throws(IOError) {
    descriptor = unsafe openat(folder.descriptor.rawValue, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    let path = folder.path
    makePath = { path }
    if descriptor < 0 { throw IOError(path, "open", Errno(rawValue: errno)) }
  }

  init(descriptor: Int32, path: @autoclosure @escaping @Sendable () -> FilePath) {
    self.descriptor = descriptor
    makePath = path
  }

  deinit { close(descriptor) }

  /// Opens the folder called `name`.
  package func folder(_ name: [UInt8]) throws(IOError) -> FolderHandle {
    let path = child(name)
    return try folder(name, calledBy: { path })
  }

  /// Opens the folder called `name`, which may be `..`. Messages call it by `path`, which is made only when one needs it: in
  /// deep folders paths are long.
  func folder(_ name: [UInt8], calledBy path: @escaping @Sendable () -> FilePath) throws(IOError) -> FolderHandle {
    let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
    let result = unsafe withCString(name) { unsafe openat(descriptor, $0, flags) }
    guard result >= 0 else { throw IOError(path(), "open", Errno(rawValue: errno)) }
    return FolderHandle(descriptor: result, path: path())
  }

  /// Opens the regular file called `name` for reading.
  package func file(_ name: [UInt8]) throws(IOError) -> FileDescriptor {
    let flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK
    return FileDescriptor(rawValue: try unsafe call("open", name) { unsafe openat(descriptor, $0, flags) })
  }

  /// Opens the regular file called `name` for writing.
  package func fileForWriting(_ name: [UInt8]) throws(IOError) -> FileDescriptor {
    let flags = O_WRONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK
    return FileDescriptor(rawValue: try unsafe call("open", name) { unsafe openat(descriptor, $0, flags) })
  }

  /// What lstat(2) says of what is called `name`.
  func status(_ name: [UInt8]) throws(IOError) -> stat {
    var status = stat()
    _ = try unsafe call("examine", name) { unsafe fstatat(descriptor, $0, &status, AT_SYMLINK_NOFOLLOW) }
    return status
  }

  /// What fstat(2) says of the folder itself.
  func status() throws(IOError) -> stat {
    var status = stat()
    if unsafe fstat(descriptor, &status) != 0 { throw IOError(path, "examine", Errno(rawValue: errno)) }
    return status
  }

  /// The target of the symbolic link called `name`.
  func linkTarget(_ name: [UInt8]) throws(IOError) -> [UInt8] {
    var target = [UInt8](repeating: 0, count: 4096)
    let count = try unsafe call("read", name) { path in
      unsafe target.withUnsafeMutableBytes { buffer in
        let text = unsafe buffer.bindMemory(to: CChar.self)
        guard let start = text.baseAddress else { return Int32(-1) }
        return Int32(unsafe readlinkat(descriptor, path, start, text.count))
      }
    }
    return Array(target[..<Int(count)])
  }

  /// The names in the folder, in no order, without `.` and `..`.
  package func names() throws(IOError) -> [[UInt8]] { try entryNames(of: descriptor, path: path) }

  /// The path of what is called `name`, byte for byte.
  func child(_ name: [UInt8]) -> FilePath { path.child(name) }

  /// Makes a system call with `name`, and throws an error that says `operation` and the path if its result is negative.
  func call(
    _ operation: String, _ name: [UInt8], _ body: (UnsafePointer<CChar>) -> Int32
  ) throws(IOError) -> Int32 {
    let result = unsafe withCString(name, body)
    guard result >= 0 else { throw IOError(child(name), operation, Errno(rawValue: errno)) }
    return result
  }
}
