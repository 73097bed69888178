import CLinux
import Glibc
import SystemPackage

/// A folder of this machine, held open: a publication stays in it even if its path is renamed or replaced.
package final class HeldFolder: Sendable {
  /// The open folder; closed with the value.
  package let descriptor: FileDescriptor
  /// Where it was opened, for messages.
  package let path: FilePath

  /// Opens the folder at `path`; the empty path is the current folder.
  package init(_ path: FilePath) throws(IOError) {
    let path = path.isEmpty ? "." : path
    descriptor = try openFile(path, .readOnly, [.directory, .closeOnExec])
    self.path = path
  }

  /// Opens the folder at `path`, and makes it and those above it where they are missing. A power cut keeps what was made.
  ///
  /// - Parameter mode: the permission bits of new folders, before the umask.
  package convenience init(making path: FilePath, mode: UInt32 = 0o755) throws(IOError) {
    var made = FilePath(root: path.root)
    for component in path.components {
      let parent = made
      made.append(component)
      if unsafe made.withPlatformString({ unsafe mkdir($0, mode) }) == 0 {
        try HeldFolder(parent).sync()
      } else if errno != EEXIST {
        throw IOError(made, "create", Errno(rawValue: errno))
      }
    }
    try self.init(path)
  }

  /// Takes over `descriptor`, an open folder called `path` in messages.
  init(opened descriptor: FileDescriptor, path: FilePath) {
    self.descriptor = descriptor
    self.path = path
  }

  deinit { try? descriptor.close() }

  /// Makes the folder `name` in this one, which only its owner may enter.
  package func makeFolder(_ name: String) throws(IOError) {
    let folder = descriptor.rawValue
    if let error = failure({ unsafe mkdirat(folder, name, 0o700) }) {
      throw IOError(path.appending(name), "create", error)
    }
  }

  /// Makes the file `name` in this one, which must not be there, and opens it for reading and writing.
  package func makeFile(_ name: String) throws(IOError) -> FileDescriptor {
    try open(name, O_RDWR | O_CREAT | O_EXCL, mode: 0o600)
  }

  /// Sets the permission bits of the folder itself.
  package func setMode(_ mode: UInt32) throws(IOError) {
    let folder = descriptor.rawValue
    if let error = failure({ fchmod(folder, mode) }) { throw IOError(path, "change the mode of", error) }
  }

  /// Opens the folder called `name` in this one; a symbolic link is not followed.
  package func folder(_ name: String) throws(IOError) -> HeldFolder {
    HeldFolder(opened: try open(name, O_RDONLY | O_DIRECTORY), path: path.appending(name))
  }

  /// Opens the regular file called `name` for reading; a symbolic link is not followed.
  package func file(_ name: String) throws(IOError) -> FileSource {
    try FileSource(opened: try open(name, O_RDONLY | O_NONBLOCK), path: path.appending(name))
  }

  /// Brings the folder's entries to the disk.
  package func sync() throws(IOError) {
    let descriptor = descriptor.rawValue
    // FUSE file systems and others that cannot sync a folder say EINVAL: they have nothing to wait for.
    if let error = failure({ fsync(descriptor) }), error != .invalidArgument { throw IOError(path, "sync", error) }
  }

  /// Brings all of its file system to the disk.
  ///
  /// - Returns: whether that was done; false where the file system has no call that waits for everything.
  /// - Throws: `IOError` if something could not be written since the folder was opened.
  package func syncFileSystem() throws(IOError) -> Bool {
    try TreeSync.syncFileSystem(of: descriptor, path: path)
  }

  /// How many bytes its file system has left for this user.
  package func freeSpace() throws(IOError) -> Int {
    var status = statvfs()
    let descriptor = descriptor.rawValue
    if let error = failure({ unsafe fstatvfs(descriptor, &status) }) { throw IOError(path, "measure", error) }
    let (bytes, overflow) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
    return overflow ? .max : Int(clamping: bytes)
  }

  /// The names in the folder, in no order, without `.` and `..`.
  package func names() throws(IOError) -> [[UInt8]] { try entryNames(of: descriptor.rawValue, path: path) }

  /// What lstat(2) says of what is called `name`; nil if there is nothing.
  package func status(_ name: String) throws(IOError) -> stat? {
    var status = stat()
    let folder = descriptor.rawValue
    guard let error = failure({ unsafe fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) }) else { return status }
    if error == .noSuchFileOrDirectory { return nil }
    throw IOError(path.appending(name), "stat", error)
  }

  /// Whether `name` stands for what is open as `file`.
  func holds(_ file: FileDescriptor, as name: String) throws(IOError) -> Bool {
    guard let named = try status(name) else { return false }
    var opened = stat()
    guard unsafe fstat(file.rawValue, &opened) == 0 else { return false }
    return named.st_dev == opened.st_dev && named.st_ino == opened.st_ino
  }

  /// Opens `name`, without following a symbolic link.
  func open(_ name: String, _ flags: Int32, mode: UInt32 = 0) throws(IOError) -> FileDescriptor {
    let folder = descriptor.rawValue
    var opened: Int32 = -1
    let error = failure {
      opened = unsafe openat(folder, name, flags | O_NOFOLLOW | O_CLOEXEC, mode)
      return opened
    }
    if let error { throw IOError(path.appending(name), flags & O_CREAT == 0 ? "open" : "create", error) }
    return FileDescriptor(rawValue: opened)
  }

  /// Renames `name` to `other`; `flags` are those of renameat2(2).
  ///
  /// - Returns: why it was not done, or nil.
  func rename(_ name: String, to other: String, flags: Int = 0) -> Errno? {
    let folder = descriptor.rawValue
    // The older call where it is enough: every file system and kernel has it.
    if flags == 0 { return failure { unsafe renameat(folder, name, folder, other) } }
    let result = unsafe pb_renameat2(folder, name, folder, other, UInt32(flags))
    return result < 0 ? Errno(rawValue: -result) : nil
  }

  /// Removes the file called `name`; nothing there is fine.
  package func removeFile(_ name: String) throws(IOError) {
    let folder = descriptor.rawValue
    if let error = failure({ unsafe unlinkat(folder, name, 0) }), error != .noSuchFileOrDirectory {
      throw IOError(path.appending(name), "remove", error)
    }
  }
}

/// The names in the open folder `descriptor`, in no order, without `.` and `..`.
package func entryNames(of descriptor: Int32, path: @autoclosure () -> FilePath) throws(IOError) -> [[UInt8]] {
  // Not a duplicate, which would share its position with other readers.
  let copy = unsafe openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  guard copy >= 0 else { throw IOError(path(), "list", Errno(rawValue: errno)) }
  guard let stream = unsafe fdopendir(copy) else {
    let error = Errno(rawValue: errno)
    close(copy)
    throw IOError(path(), "list", error)
  }
  defer { unsafe closedir(stream) }
  var names: [[UInt8]] = []
  errno = 0
  while let entry = unsafe readdir(stream) {
    let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { unsafe Array($0.prefix { $0 != 0 }) }
    if name != [0x2E] && name != [0x2E, 0x2E] { names.append(name) }
    errno = 0
  }
  if errno != 0 { throw IOError(path(), "list", Errno(rawValue: errno)) }
  return names
}
