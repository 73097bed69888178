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
  private let descriptor: Int32
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

  private init(descriptor: Int32, path: @autoclosure @escaping @Sendable () -> FilePath) {
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

  /// Opens the folder at `path` beneath this one: names with `/` between, none of them `..`, none a symbolic link; empty
  /// for this folder itself.
  func folder(at path: [UInt8]) throws(IOError) -> FolderHandle { try reference.folder(at: path) }

  /// The folder for other threads, as long as this handle lives.
  var reference: Reference { Reference(descriptor: descriptor, path: path) }

  /// A folder that a handle elsewhere keeps open.
  struct Reference: Sendable {
    fileprivate let descriptor: Int32
    fileprivate let path: FilePath

    /// Opens the folder at `path` beneath this one, as the handle does.
    func folder(at path: [UInt8]) throws(IOError) -> FolderHandle {
      var rest = path[...]
      var folder = try inner(Array(rest.piece()))
      while !rest.isEmpty { folder = try folder.reference.inner(Array(rest.piece())) }
      return folder
    }

    /// Opens the folder at `path`, which is no longer than one call takes.
    private func inner(_ path: [UInt8]) throws(IOError) -> FolderHandle {
      let flags = UInt64(O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      let resolve = UInt64(PB_RESOLVE_BENEATH | PB_RESOLVE_NO_SYMLINKS)
      let result = unsafe withCString(path.isEmpty ? [0x2E] : path) {
        unsafe pb_openat2(descriptor, $0, flags, 0, resolve)
      }
      let place = path.isEmpty ? self.path : self.path.child(path)
      if result >= 0 { return FolderHandle(descriptor: result, path: place) }
      // Kernels before 5.6 do not know the call, and some containers forbid what they do not know.
      guard result == -ENOSYS || result == -EPERM else { throw IOError(place, "open", Errno(rawValue: -result)) }
      var folder = FolderHandle(descriptor: dup(descriptor), path: self.path)
      for name in path.split(separator: 0x2F) { folder = try folder.folder(Array(name)) }
      return folder
    }
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

  /// Makes the file called `name`, which must not be there, and opens it for writing; only its owner may touch it.
  package func makeFile(_ name: [UInt8]) throws(IOError) -> NewFile {
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
    let result = try unsafe call("create", name) { unsafe openat(descriptor, $0, flags, 0o600) }
    return NewFile(descriptor: result, folder: path, name: name)
  }

  /// Makes the folder called `name`; only its owner may enter it.
  package func makeFolder(_ name: [UInt8]) throws(IOError) {
    _ = try unsafe call("create", name) { unsafe mkdirat(descriptor, $0, 0o700) }
  }

  /// Makes a symbolic link called `name`.
  package func makeLink(_ name: [UInt8], to target: [UInt8]) throws(IOError) {
    _ = try unsafe call("create", name) { link in
      unsafe withCString(target) { unsafe symlinkat($0, descriptor, link) }
    }
  }

  /// Makes a device, fifo or socket called `name`: `type` is the file type's bits of `st_mode`.
  package func makeNode(_ name: [UInt8], type: UInt32, device: DeviceNumber) throws(IOError) {
    let number = pb_makedev(device.major, device.minor)
    _ = try unsafe call("create", name) { unsafe mknodat(descriptor, $0, type | 0o600, dev_t(number)) }
  }

  /// Gives the file called `other` in the folder `folder` one name more here.
  package func makeHardLink(_ name: [UInt8], to other: [UInt8], in folder: borrowing FolderHandle) throws(IOError) {
    let from = folder.descriptor
    _ = try unsafe call("link", name) { link in
      unsafe withCString(other) { unsafe linkat(from, $0, descriptor, link, 0) }
    }
  }

  /// Moves what is called `name` into the folder `folder`, under the same name, in place of what is there if so told.
  ///
  /// - Returns: whether it was moved; false if something is there that must stay.
  func move(_ name: [UInt8], into folder: borrowing FolderHandle, replacing: Bool) throws(IOError) -> Bool {
    let target = folder.descriptor
    let flags = replacing ? 0 : UInt32(PB_RENAME_NOREPLACE)
    let result = unsafe withCString(name) { unsafe pb_renameat2(descriptor, $0, target, $0, flags) }
    if result == -EEXIST && !replacing { return false }
    guard result >= 0 else { throw IOError(folder.child(name), "create", Errno(rawValue: -result)) }
    return true
  }

  /// Sets the owner, mode, extended attributes and times of the folder itself, in an order in which nothing undoes
  /// another.
  func finish(_ marks: Metadata, losses: Losses?) throws(IOError) {
    try marks.apply(to: descriptor, path: path, losses: losses)
  }

  /// Removes what is called `name`: a folder must be empty.
  package func remove(_ name: [UInt8], isFolder: Bool) throws(IOError) {
    let flags = isFolder ? AT_REMOVEDIR : 0
    _ = try unsafe call("remove", name) { unsafe unlinkat(descriptor, $0, flags) }
  }

  /// Sets owner and group of what is called `name`.
  package func setOwner(_ name: [UInt8], uid: UInt32, gid: UInt32) throws(IOError) {
    _ = try unsafe call("change the owner of", name) { unsafe fchownat(descriptor, $0, uid, gid, AT_SYMLINK_NOFOLLOW) }
  }

  /// Sets the permission bits of what is called `name`, which must not be a symbolic link.
  package func setMode(_ name: [UInt8], _ mode: UInt16) throws(IOError) {
    _ = try unsafe call("change the mode of", name) { unsafe fchmodat(descriptor, $0, mode_t(mode), 0) }
  }

  /// Sets access and modification time of what is called `name`.
  package func setTimes(_ name: [UInt8], accessed: Timestamp, modified: Timestamp) throws(IOError) {
    let times = [timespec(accessed), timespec(modified)]
    _ = try unsafe call("set the times of", name) { unsafe utimensat(descriptor, $0, times, AT_SYMLINK_NOFOLLOW) }
  }

  /// Sets one extended attribute of what is called `name`, which need not be a file that can be opened.
  package func setAttribute(_ name: [UInt8], _ attribute: ExtendedAttribute, losses: Losses?) throws(IOError) {
    // The *at forms of these calls are too new to be everywhere; /proc names the open folder as well.
    let result = unsafe withCString(Array("/proc/self/fd/\(descriptor)/".utf8) + name) { path in
      unsafe withCString(attribute.name) {
        unsafe pb_lsetxattr(path, $0, attribute.value, attribute.value.count)
      }
    }
    try Metadata.checkAttribute(result, path: child(name), losses: losses)
  }

  /// Removes the extended attribute `attribute` of what is called `name`.
  package func removeAttribute(_ name: [UInt8], _ attribute: [UInt8]) throws(IOError) {
    _ = try unsafe call("remove an extended attribute of", Array("/proc/self/fd/\(descriptor)/".utf8) + name) { path in
      let result = unsafe withCString(attribute) { unsafe pb_lremovexattr(path, $0) }
      if result < 0 { errno = -result }
      return result < 0 ? -1 : 0
    }
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

  /// The extended attributes of what is called `name` (`.` for the folder itself), sorted by name: those of the
  /// namespaces that file systems keep.
  func attributes(_ name: [UInt8]) throws(IOError) -> [ExtendedAttribute] {
    let path = Array("/proc/self/fd/\(descriptor)/".utf8) + name
    let list = try unsafe value(of: name) { buffer, size in
      unsafe withCString(path) {
        unsafe pb_llistxattr($0, buffer.map { unsafe $0.assumingMemoryBound(to: CChar.self) }, size)
      }
    }
    var attributes: [ExtendedAttribute] = []
    for part in list.split(separator: 0) where isKept(part) {
      let value = try unsafe value(of: name) { buffer, size in
        unsafe withCString(path) { path in
          unsafe withCString(Array(part)) { unsafe pb_lgetxattr(path, $0, buffer, size) }
        }
      }
      attributes.append(ExtendedAttribute(name: Array(part), value: value))
    }
    return attributes.sorted { $0.name.lexicographicallyPrecedes($1.name) }
  }

  /// The names in the folder, in no order, without `.` and `..`.
  package func names() throws(IOError) -> [[UInt8]] {
    let copy = unsafe openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard copy >= 0, let stream = unsafe fdopendir(copy) else {
      throw IOError(path, "list", Errno(rawValue: errno))
    }
    defer { unsafe closedir(stream) }
    var names: [[UInt8]] = []
    errno = 0
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { unsafe Array($0.prefix { $0 != 0 }) }
      if Name.isValid(name) { names.append(name) }
    }
    if errno != 0 { throw IOError(path, "list", Errno(rawValue: errno)) }
    return names
  }

  /// The path of what is called `name`, byte for byte.
  func child(_ name: [UInt8]) -> FilePath { path.child(name) }

  private func call(
    _ operation: String, _ name: [UInt8], _ body: (UnsafePointer<CChar>) -> Int32
  ) throws(IOError) -> Int32 {
    let result = unsafe withCString(name, body)
    guard result >= 0 else { throw IOError(child(name), operation, Errno(rawValue: errno)) }
    return result
  }

  /// A value whose size a first call tells and a second one fetches.
  private func value(
    of name: [UInt8], _ fetch: (UnsafeMutableRawPointer?, Int) -> Int64
  ) throws(IOError) -> [UInt8] {
    let size = fetch(nil, 0)
    // A file system without extended attributes has none.
    if size == 0 || size == -Int64(ENOTSUP) { return [] }
    guard size > 0 else { throw IOError(child(name), "read extended attributes of", Errno(rawValue: Int32(-size))) }
    var bytes = [UInt8](repeating: 0, count: Int(size))
    let count = unsafe bytes.withUnsafeMutableBytes { unsafe fetch($0.baseAddress, $0.count) }
    guard count >= 0 else { throw IOError(child(name), "read extended attributes of", Errno(rawValue: Int32(-count))) }
    return Array(bytes.prefix(Int(count)))
  }

  private func isKept(_ name: ArraySlice<UInt8>) -> Bool {
    ["user.", "trusted.", "security.", "system.posix_acl_"].contains { name.starts(with: $0.utf8) }
  }
}

extension ArraySlice<UInt8> {
  /// Takes names off the front of a path, as many as one system call takes.
  fileprivate mutating func piece() -> ArraySlice<UInt8> {
    // PATH_MAX counts the zero at the end.
    guard count >= Int(PATH_MAX) else {
      defer { self = [] }
      return self
    }
    let end = prefix(Int(PATH_MAX)).lastIndex(of: 0x2F) ?? endIndex
    defer { self = self[Swift.min(end + 1, endIndex)...] }
    return self[..<end]
  }
}

extension FilePath {
  /// The path of what is called `name` in this folder, byte for byte.
  func child(_ name: [UInt8]) -> FilePath {
    // Not component by component, which takes seconds where a path has thousands.
    let folder = unsafe withPlatformString { unsafe Array(UnsafeBufferPointer(start: $0, count: strlen($0))) }
    let isOpen = !folder.isEmpty && folder.last != 0x2F
    return FilePath(platformString: folder + (isOpen ? [0x2F] : []) + name.map { CChar(bitPattern: $0) } + [0])
  }
}

extension FilePath.Component {
  /// The name's bytes, UTF-8 or not.
  var bytes: [UInt8] {
    unsafe withPlatformString { unsafe Array(UnsafeBufferPointer(start: $0, count: strlen($0))) }.map {
      UInt8(bitPattern: $0)
    }
  }
}

/// Calls `body` with `bytes` as C takes text: with a zero at the end.
func withCString<Result>(_ bytes: [UInt8], _ body: (UnsafePointer<CChar>) -> Result) -> Result {
  unsafe (bytes + [0]).withUnsafeBytes { buffer in
    // An array with at least the zero in it has an address.
    unsafe body(buffer.bindMemory(to: CChar.self).baseAddress.unsafelyUnwrapped)
  }
}
