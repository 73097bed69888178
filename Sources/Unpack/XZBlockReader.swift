import Bytes
import CLZMA
import Storage
import Synchronization

/// Decodes single blocks of an .xz file, on as many threads as one likes.
@safe final class XZBlockReader: Sendable {
  /// What a block holds.
  enum Content {
    case zeros
    case bytes
  }

  private let file: FileSource
  /// Blocks that were found to hold nothing but zeros. A sparse disk has many, all with the same few bytes in the file: decoding
  /// 24 MiB of zeros takes a tenth of a second, comparing 4 KB does not.
  private let zeros = Mutex<[CodedZeros]>([])

  /// A block of zeros as it is in a file. With another check or size, the same bytes would mean something else.
  private struct CodedZeros: Equatable {
    let bytes: [UInt8]
    let unpaddedSize: UInt64
    let check: UInt32
    let size: Int
  }

  private static let chunkSize = 256 << 10
  /// How large a block in the file may be to be looked for among `zeros`, and how many are kept.
  private static let zeroLimit = (bytes: 32 << 10, count: 8)

  init(_ file: FileSource) { self.file = file }

  /// Decodes `block` into the first bytes of `memory`, and verifies its check.
  ///
  /// - Returns: what it holds; if that is zeros, `memory` may be left as it was.
  func decode(_ block: XZBlock, into memory: BlockMemory) throws(UnpackError) -> Content {
    let output = unsafe memory.prefix(block.range.count)
    var coded: CodedZeros?
    if block.fileRange.count <= Self.zeroLimit.bytes {
      let bytes = try performing { () throws(IOError) in
        try file.read(at: block.fileRange.lowerBound, count: block.fileRange.count)
      }
      let found = CodedZeros(
        bytes: bytes, unpaddedSize: block.unpaddedSize, check: block.check.rawValue, size: output.count)
      if zeros.withLock({ $0.contains(found) }) { return .zeros }
      coded = found
    }
    try unsafe Decoding(block, in: file).run(into: output)
    guard let coded, unsafe output.span.isZero else { return .bytes }
    zeros.withLock { if $0.count < Self.zeroLimit.count { $0.append(coded) } }
    return .zeros
  }

  /// The decoding of one block.
  @safe private final class Decoding: ChunkStream {
    private let file: FileSource
    private let block: XZBlock
    private let buffer: UnsafeMutableBufferPointer<UInt8>
    /// Not in the class itself: liblzma keeps the address.
    private let header: UnsafeMutablePointer<lzma_block>
    private let filters: UnsafeMutablePointer<lzma_filter>
    private var stream = unsafe lzma_stream()
    private(set) var position: Int

    init(_ block: XZBlock, in file: FileSource) {
      self.file = file
      self.block = block
      position = block.fileRange.lowerBound
      unsafe buffer = .allocate(capacity: min(XZBlockReader.chunkSize, max(block.fileRange.count, 1)))
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

    func run(into output: UnsafeMutableBufferPointer<UInt8>) throws(UnpackError) {
      try unsafe start(next())
      unsafe stream.next_out = output.baseAddress
      unsafe stream.avail_out = output.count
      var status = LZMA_OK
      while status == LZMA_OK {
        if unsafe stream.avail_in == 0 {
          let chunk = try unsafe next()
          unsafe stream.next_in = chunk.baseAddress
          unsafe stream.avail_in = chunk.count
        }
        status = unsafe lzma_code(&stream, LZMA_RUN)
      }
      // As much as the index says, of the file and of the image: not a byte less.
      let isWhole = unsafe stream.avail_in == 0 && stream.avail_out == 0 && position == block.fileRange.upperBound
      guard status == LZMA_STREAM_END && isWhole else {
        let failure = status == LZMA_MEM_ERROR || status == LZMA_OPTIONS_ERROR ? status : LZMA_DATA_ERROR
        throw failure.failure(of: self, at: unsafe position - stream.avail_in)
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
      let memory = unsafe lzma_raw_decoder_memusage(filters)
      guard memory != .max else { throw fail(LZMA_OPTIONS_ERROR) }
      guard memory <= XZDecoder.memoryLimit else { throw fail(LZMA_MEMLIMIT_ERROR) }
      try check(unsafe lzma_block_decoder(&stream, header))
      unsafe stream.next_in = chunk.baseAddress.map { unsafe $0 + headerSize }
      unsafe stream.avail_in = chunk.count - headerSize
    }

    private func check(_ status: lzma_ret) throws(UnpackError) {
      if status != LZMA_OK { throw fail(status) }
    }

    private func fail(_ status: lzma_ret) -> UnpackError { status.failure(of: self, at: block.fileRange.lowerBound) }
  }
}
