import CLZMA
import Storage

/// Decodes .xz by liblzma: the blocks of a file side by side on all cores, streams one after another.
@safe final class XZDecoder: Decoder {
  private let input: any ChunkStream
  private var stream = unsafe lzma_stream()
  private var isExhausted = false
  private var hasEnded = false
  private(set) var trailing: TrailingBytes?
  private let isSingle: Bool

  /// What a file may make the decoder allocate.
  ///
  /// The largest preset has a dictionary of 64 MiB; the format allows 4 GiB, which a hostile header would make us find. It bounds what
  /// the threads use together, too.
  static let memoryLimit: UInt64 = 1 << 30

  /// Decodes `input` on all processors, or on this thread alone: then nothing is decoded that is not asked for.
  init(_ input: any ChunkStream, isSingle: Bool = false) throws(UnpackError) {
    self.input = input
    self.isSingle = isSingle
    try begin()
  }

  /// Begins a stream. Each is decoded by itself: liblzma would take what follows the last for a damaged one.
  private func begin() throws(UnpackError) {
    var options = unsafe lzma_mt()
    unsafe options.flags = PB_LZMA_TELL_UNSUPPORTED_CHECK
    unsafe options.threads = isSingle ? 1 : UInt32(processorCount())
    // Where threads would take more together, liblzma uses fewer.
    unsafe options.memlimit_threading = min(lzma_physmem() / 4, UInt64(XZBlock.memoryBudget))
    unsafe options.memlimit_stop = Self.memoryLimit
    let status = unsafe lzma_stream_decoder_mt(&stream, &options)
    guard status == LZMA_OK else { throw status.failure(of: input, at: input.position) }
  }

  deinit { unsafe lzma_end(&stream) }

  func read(into buffer: inout MutableSpan<UInt8>) throws(UnpackError) -> Int {
    try unsafe buffer.withUnsafeMutableBytes { (output) throws(UnpackError) -> Int in
      unsafe stream.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
      unsafe stream.avail_out = output.count
      while unsafe stream.avail_out > 0 && !hasEnded {
        if unsafe stream.avail_in == 0 && !isExhausted { try refill() }
        let status = unsafe lzma_code(&stream, isExhausted ? LZMA_FINISH : LZMA_RUN)
        if status == LZMA_STREAM_END {
          hasEnded = try !beginNext()
        } else if status != LZMA_OK {
          throw status.failure(of: input, at: unsafe input.position - stream.avail_in)
        }
      }
      return unsafe output.count - stream.avail_out
    }
  }

  /// Begins the stream that follows the one that has ended, after padding of zeros in fours (The .xz File Format, 2.2).
  ///
  /// - Returns: whether there is one.
  private func beginNext() throws(UnpackError) -> Bool {
    var zeros = 0
    var start: [UInt8] = []
    while start.count < Compression.xz.mark.count {
      if unsafe stream.avail_in == 0 { try refill() }
      guard unsafe stream.avail_in > 0, let next = unsafe stream.next_in else { break }
      unsafe stream.next_in = next + 1
      unsafe stream.avail_in -= 1
      if unsafe next.pointee == 0 && start.isEmpty { zeros += 1 } else { unsafe start.append(next.pointee) }
    }
    if start.isEmpty && zeros.isMultiple(of: 4) { return false }
    guard start == Compression.xz.mark, zeros.isMultiple(of: 4) else {
      let rest = unsafe UnsafeBufferPointer(start: stream.next_in, count: stream.avail_in)
      let bytes = unsafe start + Array(rest)
      let found = try TrailingBytes(after: .xz, bytes, at: input.position - bytes.count, in: input)
      trailing = TrailingBytes(count: zeros + (found?.count ?? 0), compression: .xz)
      return false
    }
    try begin()
    let (next, count) = unsafe (stream.next_in, stream.avail_in)
    let status = unsafe start.withUnsafeBufferPointer { bytes in
      unsafe stream.next_in = bytes.baseAddress
      unsafe stream.avail_in = bytes.count
      return unsafe lzma_code(&stream, LZMA_RUN)
    }
    unsafe (stream.next_in, stream.avail_in) = unsafe (next, count)
    guard status == LZMA_OK else { throw status.failure(of: input, at: unsafe input.position - stream.avail_in) }
    return true
  }

  private func refill() throws(UnpackError) {
    guard !isExhausted else { return }
    let chunk = try unsafe input.next()
    isExhausted = chunk.isEmpty
    unsafe stream.next_in = chunk.baseAddress
    unsafe stream.avail_in = chunk.count
  }
}
