import CLZMA
import Storage

/// Decodes .xz by liblzma: the blocks of a file side by side on all cores, streams one after another.
@safe final class XZDecoder: Decoder {
  private let input: any ChunkStream
  private var stream = unsafe lzma_stream()
  private var isExhausted = false
  private var hasEnded = false

  /// What a file may make the decoder allocate.
  ///
  /// The largest preset has a dictionary of 64 MiB; the format allows 4 GiB, which a hostile header would make us find. It bounds what
  /// the threads use together, too.
  static let memoryLimit: UInt64 = 1 << 30

  /// Decodes `input` on all processors, or on this thread alone: then nothing is decoded that is not asked for.
  init(_ input: any ChunkStream, isSingle: Bool = false) throws(UnpackError) {
    self.input = input
    var options = unsafe lzma_mt()
    unsafe options.flags = PB_LZMA_CONCATENATED | PB_LZMA_TELL_UNSUPPORTED_CHECK
    unsafe options.threads = isSingle ? 1 : UInt32(processorCount())
    // Where threads would take more together, liblzma uses fewer.
    unsafe options.memlimit_threading = min(lzma_physmem() / 4, UInt64(XZBlock.memoryBudget))
    unsafe options.memlimit_stop = Self.memoryLimit
    let status = unsafe lzma_stream_decoder_mt(&stream, &options)
    guard status == LZMA_OK else { throw status.failure(of: input, at: 0) }
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
          throw status.failure(of: input, at: unsafe input.position - stream.avail_in)
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
