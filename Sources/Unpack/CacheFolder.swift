import Bytes
import Glibc
import Storage
import SystemPackage

/// The files of the cache, and the rules by which processes share them.
///
/// `images/<sha256 of the file>.img` is a decoded image; `images/<sha256>.txt` tells its own digest. `inputs/<device>-<inode>.txt` tells the digest of a file
/// that was read. All that appears under these names is whole: it was renamed there while the folder was locked.
struct CacheFolder: Sendable {
  let path: FilePath

  /// The folder of the decoded images.
  var images: FilePath { path.appending("images") }

  /// The decoded image of a file with `digest`.
  func image(_ digest: SHA256Digest) -> FilePath { images.appending("\(digest).img") }

  /// What is known of the decoded image of a file with `digest`.
  func imageRecord(_ digest: SHA256Digest) -> FilePath { images.appending("\(digest).txt") }

  /// What is known of the file with `stamp`.
  func inputRecord(_ stamp: FileStamp) -> FilePath {
    path.appending("inputs").appending("\(String(stamp.device, radix: 16))-\(stamp.inode).txt")
  }

  /// Makes the folders that are not there; only their owner may enter new ones.
  func create() throws(IOError) {
    for folder in [path, images, path.appending("inputs")] { try makeFolder(folder) }
  }

  /// Does `body` while no other process or thread publishes in the folder, which must exist.
  func locked<Value: ~Copyable>(_ body: () throws(IOError) -> Value) throws(IOError) -> Value {
    let folder = try opening(path, .readOnly, [.directory, .closeOnExec])
    // Closing lets go of the lock.
    defer { try? folder.close() }
    while flock(folder.rawValue, LOCK_EX) != 0 {
      let error = Errno(rawValue: errno)
      guard error == .interrupted else { throw IOError(path, "lock", error) }
    }
    return try body()
  }

  /// A new file for an image in the making; what killed runs left of theirs is removed. The folder must be locked.
  func makeTemporaryImage() throws(IOError) -> TemporaryFile {
    var free: FilePath?
    for slot in 0..<16 {
      let name = images.appending("\(slot).part")
      if try TemporaryFile.removeLeftover(name) { free = free ?? name }
    }
    guard let free else {
      throw IOError(path: images.description, operation: "decode", cause: .message("16 others are decoding"))
    }
    return try TemporaryFile(free)
  }

  private func makeFolder(_ folder: FilePath) throws(IOError) {
    while unsafe folder.withPlatformString({ unsafe mkdir($0, 0o700) }) != 0 {
      switch Errno(rawValue: errno) {
      case .fileExists: return
      case .noSuchFileOrDirectory where !folder.removingLastComponent().isEmpty:
        try makeFolder(folder.removingLastComponent())
      case let error: throw IOError(folder, "make", error)
      }
    }
  }
}

/// A file that vanishes unless it is published: also, by the next run, if this process is killed.
final class TemporaryFile {
  let descriptor: FileDescriptor
  private(set) var path: FilePath
  private var isPublished = false

  /// Makes the file `path`, and holds a lock on it that tells others that someone is at work.
  init(_ path: FilePath) throws(IOError) {
    descriptor = try opening(
      path, .readWrite, [.create, .exclusiveCreate, .closeOnExec],
      [.ownerReadWrite, .groupRead, .otherRead])
    self.path = path
    _ = flock(descriptor.rawValue, LOCK_EX | LOCK_NB)
  }

  deinit {
    if !isPublished { _ = unsafe path.withPlatformString { unsafe unlink($0) } }
    try? descriptor.close()
  }

  /// Gives the file the name `target`, in place of another that may have it. It must be on the disk already: `sync`.
  func publish(as target: FilePath) throws(IOError) {
    try renaming(path, to: target)
    path = target
    isPublished = true
    // Others may now use it as well, but nobody may evict it.
    _ = flock(descriptor.rawValue, LOCK_SH)
  }

  /// Brings the content to the disk: a name must not outlive a power cut that its content does not.
  func sync() throws(IOError) {
    guard fdatasync(descriptor.rawValue) == 0 else { throw IOError(path, "sync", Errno(rawValue: errno)) }
  }

  /// Removes the temporary file `path` if nobody is at work on it.
  ///
  /// - Returns: whether the name is free.
  static func removeLeftover(_ path: FilePath) throws(IOError) -> Bool {
    guard let leftover = try openingIfPresent(path) else { return true }
    defer { try? leftover.close() }
    guard flock(leftover.rawValue, LOCK_EX | LOCK_NB) == 0 else { return false }
    guard unsafe path.withPlatformString({ unsafe unlink($0) }) == 0 else {
      throw IOError(path, "remove", Errno(rawValue: errno))
    }
    return true
  }
}
