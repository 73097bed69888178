import CLZMA

/// The parts of a multi-block .xz file, by liblzma.
enum XZFormat {
  /// The preset of xz's default, with half its dictionary: a chunk is no larger than 8 MiB, so that the rest would buy
  /// a third of a percent and cost 47 MB a thread.
  private static let preset: UInt32 = 6
  private static let dictionary: UInt32 = 4 << 20
  private static let check = LZMA_CHECK_CRC64

  static let identity = "xz-6-4MiB-fit-crc64-\(unsafe String(cString: lzma_version_string()))"
  /// 50,248 KiB as measured on `xz --lzma2=preset=6,dict=4MiB`, and the chunk before and after.
  static let memory = 52 << 20 + 2 * ChunkPlan.largest

  /// A block: header, data, padding and check.
  static func block(_ bytes: [UInt8]) throws(IOError) -> EncodedChunk {
    var options = unsafe lzma_options_lzma()
    guard unsafe lzma_lzma_preset(&options, preset) == 0 else { throw failure("has no preset \(preset)") }
    // No larger than the chunk: the tables that go with it, some ten times its size, are filled with zeros first.
    unsafe options.dict_size = min(dictionary, max(UInt32(bytes.count), PB_LZMA_DICT_SIZE_MIN))
    return try unsafe withUnsafeMutablePointer(to: &options) { (options) throws(IOError) in
      var filters = unsafe [
        lzma_filter(id: PB_LZMA_FILTER_LZMA2, options: options),
        lzma_filter(id: PB_LZMA_VLI_UNKNOWN, options: nil),
      ]
      return try unsafe block(bytes, &filters)
    }
  }

  private static func block(_ bytes: [UInt8], _ filters: inout [lzma_filter]) throws(IOError) -> EncodedChunk {
    var block = unsafe lzma_block()
    var out = [UInt8](repeating: 0, count: lzma_block_buffer_bound(bytes.count))
    var end = 0
    let status = unsafe filters.withUnsafeMutableBufferPointer { filters in
      unsafe block.version = 1
      unsafe block.check = check
      unsafe block.filters = filters.baseAddress
      return unsafe out.withUnsafeMutableBufferPointer { out in
        unsafe lzma_block_buffer_encode(&block, nil, bytes, bytes.count, out.baseAddress, &end, out.count)
      }
    }
    guard status == LZMA_OK else { throw failure("liblzma ended with \(status.rawValue)") }
    out.removeLast(out.count - end)
    let size = unsafe Int(lzma_block_unpadded_size(&block))
    return EncodedChunk(bytes: out, sizes: ChunkSizes(plain: bytes.count, encoded: size))
  }

  /// The stream header.
  static var head: [UInt8] {
    var flags = lzma_stream_flags()
    flags.check = check
    var bytes = [UInt8](repeating: 0, count: Int(LZMA_STREAM_HEADER_SIZE))
    // Fails only for a version or check that liblzma does not know.
    _ = unsafe lzma_stream_header_encode(&flags, &bytes)
    return bytes
  }

  /// The index and the stream footer.
  static func tail(_ chunks: [ChunkSizes]) throws(IOError) -> [UInt8] {
    guard let index = unsafe lzma_index_init(nil) else { throw failure("out of memory") }
    defer { unsafe lzma_index_end(index, nil) }
    for chunk in chunks {
      guard unsafe lzma_index_append(index, nil, lzma_vli(chunk.encoded), lzma_vli(chunk.plain)) == LZMA_OK else {
        throw failure("the index has no room")
      }
    }
    var bytes = unsafe [UInt8](repeating: 0, count: Int(lzma_index_size(index)))
    var end = 0
    guard unsafe lzma_index_buffer_encode(index, &bytes, &end, bytes.count) == LZMA_OK else {
      throw failure("out of memory")
    }
    var flags = lzma_stream_flags()
    flags.check = check
    flags.backward_size = unsafe lzma_index_size(index)
    var footer = [UInt8](repeating: 0, count: Int(LZMA_STREAM_HEADER_SIZE))
    guard unsafe lzma_stream_footer_encode(&flags, &footer) == LZMA_OK else { throw failure("the index is too large") }
    return bytes + footer
  }

  private static func failure(_ text: String) -> IOError {
    IOError(path: "xz", operation: "compress", cause: .message(text))
  }
}
