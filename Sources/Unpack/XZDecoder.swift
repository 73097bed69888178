import CLZMA

/// Decodes .xz by liblzma: the blocks of a file side by side on all cores, streams one after another.
@safe final class XZDecoder: Decoder {
  private let input: Input
  private var stream = unsafe lzma_stream()
  private var isExhausted = false
  private var hasEnded = false

  /// What a file may make the decoder allocate.
  ///
  /// The largest preset has a dictionary of 64 MiB; the format allows 4 GiB, which a hostile header would make us find. It bounds what
  /// the threads use together, too.
  static let memoryLimit: UInt64 = 1 << 30

  init(_ input: Input) throws(UnpackError) {
    self.input = input
    var options = unsafe lzma_mt()
    unsafe options.flags = PB_LZMA_CONCATENATED | PB_LZMA_TELL_UNSUPPORTED_CHECK
    unsafe options.threads = max(1, lzma_cputhreads())
    // liblzma's own advice; where blocks are larger than that it uses fewer threads.
    unsafe options.memlimit_threading = lzma_physmem() / 4
    unsafe options.memlimit_stop = Self.memoryLimit
    let status = unsafe lzma_stream_decoder_mt(&stream, &options)
    guard status == LZMA_OK else { throw failure(status, input, position: 0) }
  }

  deinit { unsafe lzma_end(&stream) }

  func read(into buffer: inout MutableSpan<UInt8>) throws(UnpackError) -> Int {
    try unsafe buffer.withUnsafeMutableBytes { (output) throws(UnpackError) -> Int in
      unsafe stream.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
      unsafe stream.avail_out = output.count
      while unsafe stream.avail_out > 0 && !hasEnded {
        if unsafe stream.avail_in == 0 && !isExhausted { try refill() }
        let status = unsafe lzma_code(&stream, isExhausted ? LZMA_FINISH : LZMA_RUN)
        hasEnded = status == LZMA_STREAM_END
        guard hasEnded || status == LZMA_OK else {
          throw failure(status, input, position: unsafe input.position - stream.avail_in)
        }
      }
      return unsafe output.count - stream.avail_out
    }
  }

  private func refill() throws(UnpackError) {
    let chunk = try unsafe input.next()
    isExhausted = chunk.isEmpty
    unsafe stream.next_in = chunk.baseAddress
    unsafe stream.avail_in = chunk.count
  }
}

/// The number of blocks of an .xz file, from the indexes at its streams' ends: no block is decoded.
///
/// A file that is cut short has no index, so this finds out before any work is done.
func countXZBlocks(_ input: Input) throws(UnpackError) -> Int {
  var stream = unsafe lzma_stream()
  defer { unsafe lzma_end(&stream) }
  var index: OpaquePointer?
  // 16 bytes a block: more blocks than this than no image has.
  var status = unsafe lzma_file_info_decoder(&stream, &index, 256 << 20, UInt64(input.size))
  while status == LZMA_OK || status == LZMA_SEEK_NEEDED {
    if status == LZMA_SEEK_NEEDED {
      guard let position = unsafe Int(exactly: stream.seek_pos), position <= input.size else { break }
      input.seek(to: position)
      unsafe stream.avail_in = 0
    }
    if unsafe stream.avail_in == 0 {
      let chunk = try unsafe input.next()
      unsafe stream.next_in = chunk.baseAddress
      unsafe stream.avail_in = chunk.count
    }
    status = unsafe lzma_code(&stream, LZMA_RUN)
  }
  guard status == LZMA_STREAM_END, let index = unsafe index else {
    throw failure(status, input, position: unsafe input.position - stream.avail_in)
  }
  defer { unsafe lzma_index_end(index, nil) }
  input.seek(to: 0)
  return Int(clamping: unsafe lzma_index_block_count(index))
}

/// What liblzma's `status` means for the file.
private func failure(_ status: lzma_ret, _ input: Input, position: Int) -> UnpackError {
  switch status {
  case LZMA_MEM_ERROR: input.unsupported("an xz dictionary that this machine's memory does not hold")
  case LZMA_MEMLIMIT_ERROR: input.unsupported("an xz dictionary or index beyond 1 GiB")
  case LZMA_OPTIONS_ERROR: input.unsupported("an xz filter or option that liblzma \(version) does not know")
  case LZMA_UNSUPPORTED_CHECK: input.unsupported("an xz checksum that liblzma \(version) does not know")
  case LZMA_BUF_ERROR: input.corrupt("xz", at: position, "the file ends in the middle of the data")
  case LZMA_FORMAT_ERROR: input.corrupt("xz", at: position, "the stream does not begin or end as it must")
  default: input.corrupt("xz", at: position, "the data contradict their checksum or format")
  }
}

/// The version of liblzma, for messages.
private var version: String { unsafe String(cString: lzma_version_string()) }
