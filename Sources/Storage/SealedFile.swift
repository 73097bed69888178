import Bytes
import Glibc
import Synchronization
import SystemPackage

/// Small files of a cache that end with the SHA-256 of all before it: one that a power cut or a failing disk has spoiled
/// is as good as none. They appear whole, by renaming, and any number of processes may write and remove them at a time.
enum SealedFile {
  /// What files in the making are called.
  private static let temporary = "part-"
  private static let sealSize = 32
  private static let serial = Atomic<Int>(0)

  /// What the file at `path` holds, which is used now; nil if it is not there, not whole, or larger than `limit` bytes.
  static func read(_ path: FilePath, limit: Int = .max) -> ArraySlice<UInt8>? {
    // Whatever keeps the file from being read, to make its content anew is the way on.
    guard let file = try? FileSource(path), sealSize...max(limit, sealSize) ~= file.size,
      let bytes = try? file.read(at: 0, count: file.size)
    else { return nil }
    let end = bytes.count - sealSize
    guard SHA256.of(bytes.span.extracting(0..<end)) == SHA256Digest(bytes[end...]) else { return nil }
    // The time of the last use, by which what is old is told from what is in use.
    _ = futimens(file.descriptor.rawValue, nil)
    return bytes[..<end]
  }

  /// Writes `content` to `path`.
  ///
  /// - Returns: whether it is there. A folder that cannot be written to, or is full, costs time and spoils nothing.
  static func write(_ content: [UInt8], to path: FilePath) -> Bool {
    let name = "\(temporary)\(getpid())-\(serial.add(1, ordering: .relaxed).newValue)"
    let part = path.removingLastComponent().appending(name)
    do {
      let file = try FileDescriptor.open(
        part, .writeOnly, options: [.create, .truncate, .closeOnExec], permissions: [.ownerReadWrite])
      defer { try? file.close() }
      // The lock tells a trim that someone is at work.
      _ = flock(file.rawValue, LOCK_EX | LOCK_NB)
      try file.writeAll(content + SHA256.of(content).bytes)
      guard unsafe rename(part.string, path.string) == 0 else { throw Errno(rawValue: errno) }
      return true
    } catch {
      _ = unsafe unlink(part.string)
      return false
    }
  }
}
