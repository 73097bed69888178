import CLinux
import Glibc
import SystemPackage

/// A file in the making under a fixed name: if its process is killed, the bytes stay, and the next process continues them or begins
/// anew. A lock ensures that one process at a time has the file.
///
/// A value that is dropped before it is published leaves the file to the next process, or removes it if it is empty.
package struct ResumableFile: ~Copyable {
  /// The folder that it is in.
  package let parent: HeldFolder
  /// The file, open for reading and writing. Closed with the value.
  package let descriptor: FileDescriptor
  /// How many bytes it holds; `append` writes after them.
  package private(set) var size: Int
  private var name: String
  /// Whether other processes know the name. False if the file system has no locks.
  private let isShared: Bool
  private var isGone = false

  /// Takes the file called `name` in `parent`, and makes it if it is missing.
  ///
  /// Where the file system has no locks, the file is a new one under a random name, so that no two processes write to one file.
  ///
  /// - Returns: nil if another process has it.
  /// - Throws: `IOError` if it cannot be made or opened, or is no regular file.
  package static func take(_ name: String, in parent: HeldFolder) throws(IOError) -> ResumableFile? {
    // Its holder may publish or remove it between the opening and the lock.
    for _ in 0..<16 {
      let descriptor = try parent.open(name, O_RDWR | O_CREAT | O_NONBLOCK, mode: 0o600)
      do throws(IOError) {
        switch AdvisoryLock.take(descriptor) {
        case .taken:
          if try parent.holds(descriptor, as: name) {
            let size = try regularSize(of: descriptor, parent.path.appending(name))
            return ResumableFile(parent, descriptor, size: size, name: name, isShared: true)
          }
        case .held:
          try? descriptor.close()
          return nil
        case .unavailable:
          try? descriptor.close()
          let name = TemporaryName.random()
          return ResumableFile(parent, try parent.makeFile(name), size: 0, name: name, isShared: false)
        }
      } catch {
        try? descriptor.close()
        throw error
      }
      try? descriptor.close()
    }
    return nil
  }

  /// Removes the file called `name` from `parent`, unless a process has it; nothing there is fine.
  ///
  /// - Returns: whether it is gone.
  package static func remove(_ name: String, from parent: HeldFolder) throws(IOError) -> Bool {
    guard let file = try? parent.open(name, O_RDWR | O_NONBLOCK) else {
      return try parent.status(name) == nil
    }
    defer { try? file.close() }
    guard AdvisoryLock.take(file) != .held, try parent.holds(file, as: name) else { return false }
    try parent.removeFile(name)
    return true
  }

  private init(_ parent: HeldFolder, _ descriptor: FileDescriptor, size: Int, name: String, isShared: Bool) {
    self.parent = parent
    self.descriptor = descriptor
    self.size = size
    self.name = name
    self.isShared = isShared
  }

  deinit {
    if !isGone && (size == 0 || !isShared) { try? remove() }
    try? descriptor.close()
  }

  /// Where it is now.
  package var path: FilePath { parent.path.appending(name) }

  /// Writes `bytes` after those that it holds.
  package mutating func append(_ bytes: UnsafeRawBufferPointer) throws(IOError) {
    do {
      try unsafe descriptor.writeAll(toAbsoluteOffset: Int64(size), bytes)
    } catch {
      throw IOError(path, "write", error as? Errno ?? .ioError)
    }
    size += bytes.count
  }

  /// The file, opened once more for reading.
  package func source() throws(IOError) -> FileSource {
    do {
      return try FileSource(opened: try descriptor.duplicate(), path: path)
    } catch {
      throw error as? IOError ?? IOError(path, "open", error as? Errno ?? .ioError)
    }
  }

  /// Forgets the bytes that it holds.
  package mutating func truncate() throws(IOError) {
    let file = descriptor.rawValue
    if let error = failure({ ftruncate(file, 0) }) { throw IOError(path, "truncate", error) }
    size = 0
  }

  /// Gives it the name `target`, in the place of a file that has that name. Its content and its name are then on the disk.
  ///
  /// - Throws: `IOError`; nothing has changed then.
  package mutating func publish(as target: String) throws(IOError) {
    let file = descriptor.rawValue
    guard try parent.holds(descriptor, as: name) else { throw IOError(path, "publish", .noSuchFileOrDirectory) }
    if let error = failure({ fsync(file) }) { throw IOError(path, "sync", error) }
    if let error = parent.rename(name, to: target) { throw IOError(parent.path.appending(target), "publish", error) }
    (name, isGone) = (target, true)
    try parent.sync()
  }

  /// Removes it.
  package mutating func discard() throws(IOError) {
    try remove()
    isGone = true
  }

  private func remove() throws(IOError) {
    // Somebody may have removed it by hand, and another process may have begun one of this name.
    if try parent.holds(descriptor, as: name) { try parent.removeFile(name) }
  }

  private static func regularSize(of descriptor: FileDescriptor, _ path: FilePath) throws(IOError) -> Int {
    var status = stat()
    guard unsafe fstat(descriptor.rawValue, &status) == 0 else { throw IOError(path, "stat", Errno(rawValue: errno)) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw IOError(path, "use", .invalidArgument) }
    return Int(status.st_size)
  }
}
