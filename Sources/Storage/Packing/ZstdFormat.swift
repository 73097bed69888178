import Bytes
import CZstd

/// The parts of a seekable .zst file, by libzstd. Source: zstd's `contrib/seekable_format/zstd_seekable_compression_format.md`.
enum ZstdFormat {
  /// zstd's default.
  private static let level: Int32 = 3

  static let identity = "zstd-\(level)-\(ZSTD_versionNumber())"
  /// The tables of a compressor of the level, and the chunk before and after.
  static let memory = 8 << 20 + 2 * ChunkPlan.largest

  /// A frame with its content's size and checksum.
  static func frame(_ bytes: [UInt8]) throws(IOError) -> EncodedChunk {
    guard let context = unsafe ZSTD_createCCtx() else { throw failure("out of memory") }
    defer { unsafe ZSTD_freeCCtx(context) }
    _ = unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level)
    _ = unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
    var out = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count))
    let size = unsafe ZSTD_compress2(context, &out, out.count, bytes, bytes.count)
    guard ZSTD_isError(size) == 0 else { throw unsafe failure(String(cString: ZSTD_getErrorName(size))) }
    out.removeLast(out.count - size)
    return EncodedChunk(bytes: out, sizes: ChunkSizes(plain: bytes.count, encoded: size))
  }

  /// The seek table, in a frame that decoders skip.
  static func seekTable(_ chunks: [ChunkSizes]) -> [UInt8] {
    let skippable: UInt32 = 0x184D_2A5E
    let magic: UInt32 = 0x8F92_EAB1
    var bytes = [skippable, UInt32(chunks.count * 8 + 9)].flatMap(\.littleEndianBytes)
    for chunk in chunks {
      // Chunks are far smaller than 4 GiB.
      bytes += UInt32(chunk.encoded).littleEndianBytes + UInt32(chunk.plain).littleEndianBytes
    }
    bytes += UInt32(chunks.count).littleEndianBytes
    // The descriptor: no checksums in the table, since every frame has its own.
    bytes.append(0)
    return bytes + magic.littleEndianBytes
  }

  private static func failure(_ text: String) -> IOError {
    IOError(path: "zstd", operation: "compress", cause: .message(text))
  }
}

extension FixedWidthInteger {
  /// The bytes, least significant first.
  fileprivate var littleEndianBytes: [UInt8] {
    (0..<Self.bitWidth / 8).map { UInt8(truncatingIfNeeded: self >> ($0 * 8)) }
  }
}
