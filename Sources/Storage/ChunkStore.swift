import Bytes
import Glibc
import Synchronization
import SystemPackage

/// Compressed chunks by what they hold: each is made once for all nodes of a build, and for later builds.
///
/// A chunk is a file in the folder, called by the digest of its content and of how it was compressed. Files appear
/// whole, by renaming, and end with their own digest: what a power cut or a failing disk has spoiled is made again. Any
/// number of processes may use and trim the folder at a time.
package final class ChunkStore: Sendable {
  private let folder: FilePath
  private let serial = Atomic<Int>(0)
  /// Chunks whose file this process has read whole, or written.
  private let known = Mutex<[SHA256Digest: ChunkSizes]>([:])

  /// What stands behind a chunk in its file: the bytes it stands for, those it takes, and the SHA-256 of all before.
  private static let trailerSize = 16 + 32
  /// What files in the making are called.
  private static let temporary = "part-"

  /// A store in `folder`, which is made when there is something to keep.
  package init(folder: FilePath) { self.folder = folder }

  private func path(_ key: SHA256Digest) -> FilePath { folder.appending("\(key)") }

  /// The sizes of the chunk with `key`; nil if it is not there, or spoiled.
  func sizes(_ key: SHA256Digest) -> ChunkSizes? {
    if let sizes = known.withLock({ $0[key] }) { return sizes }
    // Whatever keeps the file from being read, making the chunk anew is the way on.
    guard let file = try? FileSource(path(key)), file.size > ChunkStore.trailerSize,
      let bytes = try? file.read(at: 0, count: file.size)
    else { return nil }
    guard SHA256.of(bytes.span.extracting(0..<bytes.count - 32)) == SHA256Digest(bytes.suffix(32)) else { return nil }
    let trailer = bytes.suffix(ChunkStore.trailerSize).prefix(16).map(UInt64.init)
    let numbers = [trailer[..<8], trailer[8...]].map { $0.reversed().reduce(0) { $0 << 8 | $1 } }
    let sizes = ChunkSizes(plain: Int(clamping: numbers[0]), encoded: Int(clamping: numbers[1]))
    known.withLock { $0[key] = sizes }
    // The time of the last use, by which old chunks are told from those in use.
    _ = futimens(file.descriptor.rawValue, nil)
    return sizes
  }

  /// The chunk with `key` as an open file, and the bytes in it that are the chunk; nil if it is not there.
  func open(_ key: SHA256Digest) -> (file: FileSource, count: Int)? {
    guard sizes(key) != nil, let file = try? FileSource(path(key)), file.size > ChunkStore.trailerSize else {
      return nil
    }
    return (file, file.size - ChunkStore.trailerSize)
  }

  /// Keeps `chunk`. A store that cannot be written to, or is full, costs time and spoils nothing.
  func keep(_ chunk: EncodedChunk, as key: SHA256Digest) {
    var bytes = chunk.bytes
    for number in [chunk.sizes.plain, chunk.sizes.encoded] {
      bytes += (0..<8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    }
    bytes += SHA256.of(bytes).bytes
    let name = "\(ChunkStore.temporary)\(getpid())-\(serial.add(1, ordering: .relaxed).newValue)"
    let part = folder.appending(name)
    do {
      let file = try FileDescriptor.open(
        part, .writeOnly, options: [.create, .truncate, .closeOnExec], permissions: [.ownerReadWrite])
      defer { try? file.close() }
      // The lock tells a trim that someone is at work.
      _ = flock(file.rawValue, LOCK_EX | LOCK_NB)
      try file.writeAll(bytes)
      guard unsafe rename(part.string, path(key).string) == 0 else { throw Errno(rawValue: errno) }
      known.withLock { $0[key] = chunk.sizes }
    } catch {
      _ = unsafe unlink(part.string)
    }
  }

  /// Forgets that the chunk with `key` is there.
  func forget(_ key: SHA256Digest) { known.withLock { $0[key] = nil } }
}
