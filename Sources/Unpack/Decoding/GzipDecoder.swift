import CZlib

/// Decodes gzip by zlib, member after member.
///
/// Not by libarchive: its gzip filter (3.6.2 and before) does not look at the checksum after each member, so that a damaged image
/// would pass.
@safe final class GzipDecoder: Decoder {
  private let input: any ChunkStream
  private var stream = unsafe z_stream()
  private var isExhausted = false
  /// Whether the last member has ended.
  private var hasEnded = false
  private(set) var trailing: TrailingBytes?

  init(_ input: any ChunkStream) throws(UnpackError) {
    self.input = input
    // The largest window, plus 16: a gzip header and trailer are expected and checked.
    let status = unsafe inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size))
    guard status == Z_OK else { throw input.unsupported("gzip, as this zlib refuses to start (status \(status))") }
  }

  deinit { unsafe inflateEnd(&stream) }

  func read(into buffer: inout MutableSpan<UInt8>) throws(UnpackError) -> Int {
    try unsafe buffer.withUnsafeMutableBytes { (output) throws(UnpackError) -> Int in
      unsafe stream.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
      unsafe stream.avail_out = UInt32(output.count)
      while unsafe stream.avail_out > 0 && !hasEnded {
        if unsafe stream.avail_in == 0 && !isExhausted { try refill() }
        if try inflateMore() == Z_STREAM_END { hasEnded = try !beginMember() }
      }
      return unsafe output.count - Int(stream.avail_out)
    }
  }

  /// Begins the member that follows the one that has ended.
  ///
  /// - Returns: whether there is one.
  private func beginMember() throws(UnpackError) -> Bool {
    var start: [UInt8] = []
    while start.count < Compression.gzip.mark.count {
      if unsafe stream.avail_in == 0 { try refill() }
      guard unsafe stream.avail_in > 0, let next = unsafe stream.next_in else { break }
      unsafe start.append(next.pointee)
      unsafe stream.next_in = next + 1
      unsafe stream.avail_in -= 1
    }
    guard start == Compression.gzip.mark else {
      let rest = unsafe UnsafeBufferPointer(start: stream.next_in, count: Int(stream.avail_in))
      let bytes = unsafe start + Array(rest)
      trailing = try TrailingBytes(after: .gzip, bytes, at: input.position - bytes.count, in: input)
      return false
    }
    unsafe inflateReset(&stream)
    let (next, count) = unsafe (stream.next_in, stream.avail_in)
    // The start of a header: it is taken in, and nothing comes out.
    _ = try unsafe start.withUnsafeMutableBufferPointer { (bytes) throws(UnpackError) in
      unsafe stream.next_in = bytes.baseAddress
      unsafe stream.avail_in = UInt32(bytes.count)
      return try inflateMore()
    }
    unsafe (stream.next_in, stream.avail_in) = unsafe (next, count)
    return true
  }

  private func inflateMore() throws(UnpackError) -> CInt {
    let status = unsafe inflate(&stream, Z_NO_FLUSH)
    if status == Z_OK || status == Z_STREAM_END { return status }
    let position = unsafe input.position - Int(stream.avail_in)
    switch status {
    case Z_BUF_ERROR: throw input.corrupt("gzip", at: position, "the file ends in the middle of the data")
    case Z_MEM_ERROR: throw input.unsupported("gzip, as this machine's memory does not hold its window")
    default:
      let reason = unsafe stream.msg.map { unsafe String(cString: $0) } ?? "status \(status)"
      throw input.corrupt("gzip", at: position, reason)
    }
  }

  private func refill() throws(UnpackError) {
    guard !isExhausted else { return }
    let chunk = try unsafe input.next()
    isExhausted = chunk.isEmpty
    unsafe stream.next_in = UnsafeMutablePointer(mutating: chunk.baseAddress)
    unsafe stream.avail_in = UInt32(chunk.count)
  }
}
