import Bytes
import Synchronization
import SystemPackage

/// Compressed chunks by what they hold: each is made once for all nodes of a build, and for later builds.
///
/// A chunk is a sealed file in the folder, called by the digest of its content and of how it was compressed.
package final class ChunkStore: Sendable {
  private let folder: FilePath
  /// Chunks whose file this process has read whole, or written.
  private let known = Mutex<[SHA256Digest: ChunkSizes]>([:])

  /// What stands behind a chunk in its file: the bytes it stands for, those it takes, and the SHA-256 of all before.
  private static let trailerSize = 16 + 32

  /// A store in `folder`, which is made when there is something to keep.
  package init(folder: FilePath) { self.folder = folder }

  private func path(_ key: SHA256Digest) -> FilePath { folder.appending("\(key)") }

  /// The sizes of the chunk with `key`; nil if it is not there, or spoiled.
  func sizes(_ key: SHA256Digest) -> ChunkSizes? {
    if let sizes = known.withLock({ $0[key] }) { return sizes }
    guard let content = SealedFile.read(path(key)), content.count > 16 else { return nil }
    let trailer = content.suffix(16).map(UInt64.init)
    let numbers = [trailer[..<8], trailer[8...]].map { $0.reversed().reduce(0) { $0 << 8 | $1 } }
    let sizes = ChunkSizes(plain: Int(clamping: numbers[0]), encoded: Int(clamping: numbers[1]))
    known.withLock { $0[key] = sizes }
    return sizes
  }

  /// The chunk with `key` as an open file, and the bytes in it that are the chunk; nil if it is not there.
  func open(_ key: SHA256Digest) -> (file: FileSource, count: Int)? {
    guard sizes(key) != nil, let file = try? FileSource(path(key)), file.size > ChunkStore.trailerSize else {
      return nil
    }
    return (file, file.size - ChunkStore.trailerSize)
  }

  /// Keeps `chunk`, if that is possible.
  func keep(_ chunk: EncodedChunk, as key: SHA256Digest) {
    var bytes = chunk.bytes
    for number in [chunk.sizes.plain, chunk.sizes.encoded] {
      bytes += (0..<8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    }
    if SealedFile.write(bytes, to: path(key)) { known.withLock { $0[key] = chunk.sizes } }
  }

  /// Forgets that the chunk with `key` is there.
  func forget(_ key: SHA256Digest) { known.withLock { $0[key] = nil } }
}
