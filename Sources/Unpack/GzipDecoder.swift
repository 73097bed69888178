import CZlib

/// Decodes gzip by zlib, member after member.
///
/// Not by libarchive: its gzip filter (3.6.2 and before) does not look at the checksum behind each member, so that a damaged image
/// would pass.
@safe final class GzipDecoder: Decoder {
  private let input: any ChunkStream
  private var stream = unsafe z_stream()
  private var isExhausted = false
  /// Whether a member has ended and no byte of another has been seen.
  private var isBetweenMembers = false

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
      while unsafe stream.avail_out > 0 {
        if unsafe stream.avail_in == 0 && !isExhausted { try refill() }
        if isExhausted && isBetweenMembers { break }
        isBetweenMembers = try inflateMore() == Z_STREAM_END
        if isBetweenMembers { unsafe inflateReset(&stream) }
      }
      return unsafe output.count - Int(stream.avail_out)
    }
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
    let chunk = try unsafe input.next()
    isExhausted = chunk.isEmpty
    unsafe stream.next_in = UnsafeMutablePointer(mutating: chunk.baseAddress)
    unsafe stream.avail_in = UInt32(chunk.count)
  }
}
