/// How a compressed image is made of chunks that are compressed by themselves: what both formats have in common.
package enum Compression: String, Sendable, CaseIterable {
  /// Multi-block .xz: every decoder reads it, those with an index or threads at random and in parallel.
  case xz
  /// Frames of Zstandard with a seek table (zstd's `contrib/seekable_format`), which plain decoders skip.
  case zstd

  /// What file names end with.
  package var suffix: String { self == .xz ? ".xz" : ".zst" }

  /// What the bytes of a chunk depend on, beside its content: chunks of other versions are not taken for these.
  var identity: String { self == .xz ? XZFormat.identity : ZstdFormat.identity }

  /// The memory that compressing one chunk takes, in bytes.
  var memory: Int { self == .xz ? XZFormat.memory : ZstdFormat.memory }

  /// One chunk, compressed.
  ///
  /// - Throws: `IOError` if the library has no memory.
  func encode(_ bytes: [UInt8]) throws(IOError) -> EncodedChunk {
    switch self {
    case .xz: try XZFormat.block(bytes)
    case .zstd: try ZstdFormat.frame(bytes)
    }
  }

  /// What stands before the first chunk.
  var head: [UInt8] { self == .xz ? XZFormat.head : [] }

  /// What stands after the last chunk.
  ///
  /// - Throws: `IOError` if the library has no memory.
  func tail(_ chunks: [ChunkSizes]) throws(IOError) -> [UInt8] {
    switch self {
    case .xz: try XZFormat.tail(chunks)
    case .zstd: ZstdFormat.seekTable(chunks)
    }
  }
}

/// A compressed chunk.
struct EncodedChunk {
  let bytes: [UInt8]
  let sizes: ChunkSizes
}

/// What the index at a file's end says of a chunk.
struct ChunkSizes {
  /// The bytes that the chunk stands for.
  let plain: Int
  /// The bytes of the chunk in the file, without padding after it.
  let encoded: Int
}
