import Bytes
import Synchronization
import SystemPackage

/// Compressed chunks by what they hold: each is made once for all nodes of a build, and for later builds.
///
/// A chunk is an entry of the cache, called by the digest of its content and of how it was compressed.
package final class ChunkStore: Sendable {
  private let folder: HeldFolder?
  private let warn: @Sendable (String) -> Void
  /// Chunks whose file this process has read whole, or written.
  private let known = Mutex<[SHA256Digest: Known]>([:])

  private struct Known {
    let sizes: ChunkSizes
    let stamp: FileStamp
  }

  /// What follows a chunk in its file: the bytes that it stands for, those that it takes, and the seal of the entry.
  private static let trailerSize = 16 + 32

  /// A store in `folder`; without one, nothing is kept. `warn` is told of entries that were spoiled.
  package init(folder: HeldFolder?, warn: @escaping @Sendable (String) -> Void = { _ in }) {
    self.folder = folder
    self.warn = warn
  }

  private func entry(_ key: SHA256Digest) -> CacheEntry? {
    folder.map { CacheEntry(key: Array("chunk ".utf8) + key.bytes, name: "\(key)", in: $0, warn: warn) }
  }

  /// The sizes of the chunk with `key`; nil if it is not there, or spoiled.
  func sizes(_ key: SHA256Digest) -> ChunkSizes? { known(key)?.sizes }

  private func known(_ key: SHA256Digest) -> Known? {
    if let known = known.withLock({ $0[key] }) { return known }
    guard let content = entry(key)?.read(), content.bytes.count > 16 else { return nil }
    let trailer = content.bytes.suffix(16).map(UInt64.init)
    let numbers = [trailer[..<8], trailer[8...]].map { $0.reversed().reduce(0) { $0 << 8 | $1 } }
    let sizes = ChunkSizes(plain: Int(clamping: numbers[0]), encoded: Int(clamping: numbers[1]))
    let found = Known(sizes: sizes, stamp: content.stamp)
    known.withLock { $0[key] = found }
    return found
  }

  /// The chunk with `key` as an open file, its sizes, and the bytes in the file that are the chunk; nil if it is not there.
  func open(_ key: SHA256Digest) -> (file: FileSource, count: Int, sizes: ChunkSizes)? {
    guard let entry = entry(key), var known = known(key) else { return nil }
    var file = entry.open(known.stamp)
    if file == nil {
      // Another process has used it, or somebody has changed it since: only reading it whole tells.
      forget(key)
      guard let again = self.known(key) else { return nil }
      known = again
      file = entry.open(known.stamp)
    }
    guard let file, file.size > ChunkStore.trailerSize else { return nil }
    return (file, file.size - ChunkStore.trailerSize, known.sizes)
  }

  /// Keeps `chunk`, if that is possible. What it was compressed from must have been hashed for `key`.
  func keep(_ chunk: EncodedChunk, as key: SHA256Digest) {
    var bytes = chunk.bytes
    for number in [chunk.sizes.plain, chunk.sizes.encoded] {
      bytes += (0..<8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    }
    guard let stamp = entry(key)?.keep(bytes) else { return }
    known.withLock { $0[key] = Known(sizes: chunk.sizes, stamp: stamp) }
  }

  /// Forgets that the chunk with `key` is there.
  func forget(_ key: SHA256Digest) { known.withLock { $0[key] = nil } }
}
