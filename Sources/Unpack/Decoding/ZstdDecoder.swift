import CZstd

/// Decodes zstd by its own library, frame after frame.
///
/// Not by libarchive, which takes what follows the last frame for a damaged one.
@safe final class ZstdDecoder: Decoder {
  private let input: any ChunkStream
  private let decoder: OpaquePointer?
  private var source = unsafe ZSTD_inBuffer()
  private var isExhausted = false
  /// Whether the last frame has ended.
  private var hasEnded = false
  private(set) var trailing: TrailingBytes?

  init(_ input: any ChunkStream) throws(UnpackError) {
    self.input = input
    unsafe decoder = ZSTD_createDCtx()
    guard unsafe decoder != nil else {
      throw input.unsupported("zstd, as this machine's memory does not hold its decoder")
    }
  }

  deinit { unsafe ZSTD_freeDCtx(decoder) }

  func read(into buffer: inout MutableSpan<UInt8>) throws(UnpackError) -> Int {
    try unsafe buffer.withUnsafeMutableBytes { (output) throws(UnpackError) -> Int in
      var target = unsafe ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
      while unsafe target.pos < target.size && !hasEnded {
        if unsafe source.pos == source.size { try refill() }
        let before = unsafe (source.pos, target.pos)
        let isFrameEnd = try unsafe decode(into: &target)
        if isFrameEnd {
          hasEnded = try !beginFrame()
        } else if unsafe isExhausted && before == (source.pos, target.pos) {
          throw input.corrupt("zstd", at: input.position, "the file ends in the middle of the data")
        }
      }
      return unsafe target.pos
    }
  }

  /// Begins the frame that follows the one that has ended; one that is to be skipped is a frame too.
  ///
  /// - Returns: whether there is one.
  private func beginFrame() throws(UnpackError) -> Bool {
    var start: [UInt8] = []
    while start.count < Compression.zstd.mark.count {
      if unsafe source.pos == source.size { try refill() }
      guard unsafe source.pos < source.size, let bytes = unsafe source.src else { break }
      unsafe start.append(bytes.load(fromByteOffset: source.pos, as: UInt8.self))
      unsafe source.pos += 1
    }
    if start.isEmpty { return false }
    // RFC 8878, 3.1.2: sixteen marks of skippable frames.
    let isSkippable = start.count == 4 && start[0] & 0xF0 == 0x50 && start[1...] == [0x2A, 0x4D, 0x18]
    guard start == Compression.zstd.mark || isSkippable else {
      let rest = unsafe UnsafeRawBufferPointer(start: source.src, count: source.size)[source.pos...]
      let bytes = unsafe start + Array(rest)
      trailing = try TrailingBytes(after: .zstd, bytes, at: input.position - bytes.count, in: input)
      return false
    }
    let kept = unsafe source
    // The start of a header: it is taken in, and nothing comes out.
    try unsafe start.withUnsafeBufferPointer { (bytes) throws(UnpackError) in
      unsafe source = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
      var nothing = unsafe ZSTD_outBuffer(dst: nil, size: 0, pos: 0)
      _ = try unsafe decode(into: &nothing)
    }
    unsafe source = kept
    return true
  }

  /// Decodes what there is room for.
  ///
  /// - Returns: whether a frame has ended.
  private func decode(into target: inout ZSTD_outBuffer) throws(UnpackError) -> Bool {
    let status = unsafe ZSTD_decompressStream(decoder, &target, &source)
    guard ZSTD_isError(status) != 0 else { return status == 0 }
    let reason = unsafe String(cString: ZSTD_getErrorName(status))
    // The library's words for a window beyond 128 MiB.
    if reason.contains("memory") { throw input.unsupported("zstd: \(reason)") }
    throw input.corrupt("zstd", at: unsafe input.position - (source.size - source.pos), reason)
  }

  private func refill() throws(UnpackError) {
    guard !isExhausted else { return }
    let chunk = try unsafe input.next()
    isExhausted = chunk.isEmpty
    unsafe source = ZSTD_inBuffer(src: chunk.baseAddress, size: chunk.count, pos: 0)
  }
}
