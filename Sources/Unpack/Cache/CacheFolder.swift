import Bytes
import Glibc
import Storage
import SystemPackage

/// The files of the cache, and the rules by which processes share them.
///
/// `images/<sha256 of the file>.img` is a decoded image; `images/<sha256>.record` tells its own digest. `inputs/<device>-<inode>.record` tells the digest of a
/// file that was read. All that appears under these names is whole.
struct CacheFolder: Sendable {
  let directory: CacheDirectory
  /// Told of entries that were spoiled.
  let warn: @Sendable (String) -> Void

  init(_ path: FilePath, warn: @escaping @Sendable (String) -> Void) {
    directory = CacheDirectory(path)
    self.warn = warn
  }

  /// The folder of the decoded images; nil if it is not there.
  func images() throws(IOError) -> HeldFolder? { try directory.existing("images") }

  /// The folder of what is known of files that were read; nil if it is not there.
  func inputs() throws(IOError) -> HeldFolder? { try directory.existing("inputs") }

  /// The name of the decoded image of a file with `digest`.
  func imageName(_ digest: SHA256Digest) -> String { "\(digest).img" }

  /// The name of what is known of the decoded image of a file with `digest`.
  func imageRecordName(_ digest: SHA256Digest) -> String { "\(digest).record" }

  /// What is known of the decoded image of a file with `digest`.
  func imageRecord(_ digest: SHA256Digest, in images: HeldFolder) -> CacheEntry {
    CacheEntry(key: Array("image \(digest)".utf8), name: imageRecordName(digest), in: images, warn: warn)
  }

  /// What is known of the file with `stamp`.
  func inputRecord(_ stamp: FileStamp, in inputs: HeldFolder) -> CacheEntry {
    let file = "\(String(stamp.device, radix: 16))-\(stamp.inode)"
    return CacheEntry(key: Array("input \(file)".utf8), name: "\(file).record", in: inputs, warn: warn)
  }

  /// Does `body` while no other process or thread publishes in the cache, which must exist.
  func locked<Value: ~Copyable>(_ body: () throws(IOError) -> Value) throws(IOError) -> Value {
    // Opened anew: threads that share one open folder would share its lock.
    let folder = try HeldFolder(directory.path)
    while flock(folder.descriptor.rawValue, LOCK_EX) != 0 {
      let error = Errno(rawValue: errno)
      if error == .interrupted { continue }
      // Without locks, two processes may decode the same file; what they publish is whole all the same.
      guard [.noLocks, .noFunction, .notSupported, .badFileDescriptor].contains(error) else {
        throw IOError(folder.path, "lock", error)
      }
      break
    }
    return try withExtendedLifetime(folder) { () throws(IOError) in try body() }
  }
}
