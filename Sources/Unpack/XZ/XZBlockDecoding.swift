import CLZMA
import Storage

/// The decoding of one block of an .xz file, from its first byte on and as far as one likes. Used by one thread at a time.
@safe final class XZBlockDecoding: ChunkStream, @unchecked Sendable {
  private let file: any ByteSource
  private let block: XZBlock
  private let buffer: UnsafeMutableBufferPointer<UInt8>
  /// Not in the class itself: liblzma keeps the address.
  private let header: UnsafeMutablePointer<lzma_block>
  private let filters: UnsafeMutablePointer<lzma_filter>
  private var stream = unsafe lzma_stream()
  private var hasBegun = false
  private(set) var position: Int
  /// How many bytes of the block are decoded.
  private(set) var count = 0

  private static let chunkSize = 256 << 10

  init(_ block: XZBlock, in file: any ByteSource) {
    self.file = file
    self.block = block
    position = block.fileRange.lowerBound
    unsafe buffer = .allocate(capacity: min(Self.chunkSize, max(block.fileRange.count, 1)))
    unsafe header = .allocate(capacity: 1)
    unsafe header.initialize(to: lzma_block())
    unsafe filters = .allocate(capacity: Int(LZMA_FILTERS_MAX) + 1)
    // The end of an empty chain.
    unsafe filters.initialize(to: lzma_filter(id: PB_LZMA_VLI_UNKNOWN, options: nil))
  }

  deinit {
    unsafe lzma_end(&stream)
    unsafe lzma_filters_free(filters, nil)
    unsafe filters.deallocate()
    unsafe header.deallocate()
    unsafe buffer.deallocate()
  }

  var name: String { file.name }

  func next() throws(UnpackError) -> UnsafeBufferPointer<UInt8> {
    let count = unsafe min(buffer.count, block.fileRange.upperBound - position)
    var target = unsafe UnsafeMutableBufferPointer(rebasing: buffer[..<count]).mutableSpan
    let start = position
    try performing { () throws(IOError) in try file.read(at: start, into: &target) }
    position += count
    return unsafe UnsafeBufferPointer(rebasing: buffer[..<count])
  }

  /// Decodes the next bytes of the block, as many as fill `output`.
  ///
  /// Only with the last byte the block's check is verified: there is none for parts.
  func run(into output: UnsafeMutableBufferPointer<UInt8>) throws(UnpackError) {
    if !hasBegun { try unsafe start(next()) }
    hasBegun = true
    unsafe stream.next_out = output.baseAddress
    unsafe stream.avail_out = output.count
    let end = count + output.count
    let isAll = end == block.range.count
    var status = LZMA_OK
    while status == LZMA_OK, unsafe isAll || stream.avail_out > 0 {
      if unsafe stream.avail_in == 0 {
        let chunk = try unsafe next()
        unsafe stream.next_in = chunk.baseAddress
        unsafe stream.avail_in = chunk.count
      }
      status = unsafe lzma_code(&stream, LZMA_RUN)
    }
    count = unsafe end - stream.avail_out
    if status == LZMA_OK { return }
    // As much as the index says, of the file and of the image: not a byte less.
    let isWhole =
      unsafe isAll && stream.avail_in == 0 && stream.avail_out == 0 && position == block.fileRange.upperBound
    guard status == LZMA_STREAM_END && isWhole else {
      let failure = status == LZMA_MEM_ERROR || status == LZMA_OPTIONS_ERROR ? status : LZMA_DATA_ERROR
      throw fail(failure, at: unsafe position - stream.avail_in)
    }
  }

  /// Reads the header of the block, which `chunk` begins with, and leaves the rest to the stream.
  private func start(_ chunk: UnsafeBufferPointer<UInt8>) throws(UnpackError) {
    // The header's size in four bytes, less one; 0 would be an index (The .xz File Format, 3.1.1).
    let headerSize = unsafe (Int(chunk.first ?? 0) + 1) * 4
    guard headerSize > 4, headerSize <= chunk.count else { throw fail(LZMA_DATA_ERROR) }
    guard lzma_check_is_supported(block.check) != 0 else { throw fail(LZMA_UNSUPPORTED_CHECK) }
    unsafe header.pointee.version = 1
    unsafe header.pointee.header_size = UInt32(headerSize)
    unsafe header.pointee.check = block.check
    unsafe header.pointee.filters = filters
    try check(unsafe lzma_block_header_decode(header, nil, chunk.baseAddress))
    let size = UInt64(block.range.count)
    let claimed = unsafe header.pointee.uncompressed_size
    guard claimed == size || claimed == PB_LZMA_VLI_UNKNOWN else { throw fail(LZMA_DATA_ERROR) }
    unsafe header.pointee.uncompressed_size = size
    try check(unsafe lzma_block_compressed_size(header, block.unpaddedSize))
    limitDictionaries()
    let memory = unsafe lzma_raw_decoder_memusage(filters)
    guard memory != .max else { throw fail(LZMA_OPTIONS_ERROR) }
    guard memory <= XZDecoder.memoryLimit else { throw fail(LZMA_MEMLIMIT_ERROR) }
    try check(unsafe lzma_block_decoder(&stream, header))
    unsafe stream.next_in = chunk.baseAddress.map { unsafe $0 + headerSize }
    unsafe stream.avail_in = chunk.count - headerSize
  }

  /// Makes dictionaries no larger than the block: nothing in it can point farther back, whatever its header claims.
  private func limitDictionaries() {
    var filter = unsafe filters
    while unsafe filter.pointee.id != PB_LZMA_VLI_UNKNOWN {
      if unsafe filter.pointee.id == PB_LZMA_FILTER_LZMA2, let options = unsafe filter.pointee.options {
        let lzma = unsafe options.assumingMemoryBound(to: lzma_options_lzma.self)
        let size = UInt32(clamping: max(block.range.count, Int(PB_LZMA_DICT_SIZE_MIN)))
        unsafe lzma.pointee.dict_size = min(lzma.pointee.dict_size, size)
      }
      unsafe filter += 1
    }
  }

  private func check(_ status: lzma_ret) throws(UnpackError) {
    if status != LZMA_OK { throw fail(status) }
  }

  /// The error of the block, at its start if not elsewhere; blocks are counted from 1, as `xz --list` counts them.
  private func fail(_ status: lzma_ret, at position: Int? = nil) -> UnpackError {
    status.failure(of: self, at: position ?? block.fileRange.lowerBound, "xz block \(block.number + 1)")
  }
}
