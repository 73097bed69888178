import Bytes
import CLZMA
import Storage

/// A block of an .xz file: a part of the image that is decoded without the others.
struct XZBlock {
  /// Counted from 0, over all streams.
  let number: Int
  /// The bytes of the block in the file: its header, the data, padding and the check.
  let fileRange: Range<Int>
  /// The same without the padding, as the index has it.
  let unpaddedSize: UInt64
  /// The bytes of the image that the block holds.
  let range: Range<Int>
  let check: lzma_check

  /// What all threads that decode blocks may take together, in bytes, however many processors there are.
  static let memoryBudget = 160 << 20
  /// The dictionary of a decoder for files of `xz -6`, in bytes.
  static let dictionarySize = 8 << 20
}

/// Where the blocks of an .xz file are, from the indexes at its streams' ends: no block is decoded.
///
/// liblzma has checked that headers, footers and indexes agree with one another and with the places in the file; whether the blocks
/// agree with the index shows when they are decoded.
@safe final class XZIndex: Sendable {
  /// Not changed after `init`; liblzma's look-ups only read it.
  private nonisolated(unsafe) let index: OpaquePointer
  let blockCount: Int
  /// The size of the image, in bytes.
  let size: Int
  /// The most bytes of the image that one block holds.
  let largestBlock: Int

  /// What follows the last stream.
  let trailing: TrailingBytes?

  /// What an index may take, at about 16 bytes a block: an image of 1 TiB in blocks of 1 MiB needs 16 MiB.
  private static let memoryLimit: UInt64 = 64 << 20

  /// Reads the indexes of the file of `input`, wherever that stands.
  ///
  /// - Throws: `UnpackError`: a file that is cut short has no index, so that shows before any work is done.
  init(_ input: Input) throws(UnpackError) {
    do throws(UnpackError) {
      unsafe index = try Self.read(input, size: input.size)
      trailing = nil
    } catch {
      // A file that is cut short has no footer at its end, and neither has one that something follows.
      guard error.kind == .corrupt, let (end, found) = try Self.trailing(of: input) else { throw error }
      unsafe index = try Self.read(input, size: end)
      trailing = found
    }
    unsafe blockCount = Int(clamping: lzma_index_block_count(index))
    var largest: UInt64 = 0
    var place = unsafe lzma_index_iter()
    unsafe lzma_index_iter_init(&place, index)
    while unsafe lzma_index_iter_next(&place, LZMA_INDEX_ITER_BLOCK) == 0 {
      largest = unsafe max(largest, place.block.uncompressed_size)
    }
    largestBlock = Int(clamping: largest)
    // liblzma bounds the sum by 2^63 - 1 (LZMA_VLI_MAX).
    size = Int(clamping: unsafe lzma_index_uncompressed_size(index))
  }

  deinit { unsafe lzma_index_end(index, nil) }

  /// The block that holds the byte at `offset` of the image; nil beyond its end.
  func block(at offset: Int) -> XZBlock? {
    var place = unsafe lzma_index_iter()
    unsafe lzma_index_iter_init(&place, index)
    guard unsafe lzma_index_iter_locate(&place, UInt64(offset)) == 0 else { return nil }
    return unsafe XZBlock(place)
  }

  /// A walk over all blocks, those that hold nothing too.
  func blocks() -> Blocks { Blocks(self) }

  /// The blocks of an index, first to last.
  @safe struct Blocks: IteratorProtocol, @unchecked Sendable {
    private let index: XZIndex
    private var place = unsafe lzma_index_iter()

    fileprivate init(_ index: XZIndex) {
      self.index = index
      unsafe lzma_index_iter_init(&place, index.index)
    }

    mutating func next() -> XZBlock? {
      unsafe lzma_index_iter_next(&place, LZMA_INDEX_ITER_BLOCK) == 0 ? XZBlock(place) : nil
    }
  }

  /// Where the last stream of the file of `input` ends, and what follows it; nil if none is there that ends, or what follows may
  /// be a damaged one.
  private static func trailing(of input: Input) throws(UnpackError) -> (end: Int, TrailingBytes)? {
    let start = max(0, input.size - TrailingBytes.limit - XZFooter.size)
    let bytes = try performing { () throws(IOError) in
      try input.source.read(at: start, count: input.size - start)
    }
    guard let place = XZFooter.last(in: bytes[...]), (start + place).isMultiple(of: 4) else { return nil }
    let rest = bytes[place...]
    let isContinued = Compression.xz.isContinued(in: rest.drop { $0 == 0 })
    guard !rest.isEmpty, !isContinued else { return nil }
    return (start + place, TrailingBytes(count: rest.count, compression: .xz))
  }

  /// Reads the indexes of the first `size` bytes of the file of `input`.
  private static func read(_ input: Input, size: Int) throws(UnpackError) -> OpaquePointer {
    var stream = unsafe lzma_stream()
    defer { unsafe lzma_end(&stream) }
    var index: OpaquePointer?
    input.seek(to: 0)
    var status = unsafe lzma_file_info_decoder(&stream, &index, memoryLimit, UInt64(size))
    while status == LZMA_OK || status == LZMA_SEEK_NEEDED {
      if status == LZMA_SEEK_NEEDED {
        guard let position = unsafe Int(exactly: stream.seek_pos), position <= size else { break }
        input.seek(to: position)
        unsafe stream.avail_in = 0
      }
      if unsafe stream.avail_in == 0 {
        let chunk = try unsafe input.next()
        unsafe stream.next_in = chunk.baseAddress
        unsafe stream.avail_in = max(0, chunk.count - max(0, input.position - size))
      }
      status = unsafe lzma_code(&stream, LZMA_RUN)
    }
    guard status == LZMA_STREAM_END, let index = unsafe index else {
      throw status.failure(of: input, at: unsafe input.position - stream.avail_in)
    }
    input.seek(to: 0)
    return unsafe index
  }
}

extension XZBlock {
  /// The block that `place` stands at. All numbers are below 2^63, and the file is as long as they say: liblzma saw to both.
  fileprivate init(_ place: lzma_index_iter) {
    let block = unsafe place.block
    number = unsafe Int(clamping: block.number_in_file) - 1
    let start = unsafe Int(clamping: block.compressed_file_offset)
    fileRange = unsafe start..<start + Int(clamping: block.total_size)
    unpaddedSize = unsafe block.unpadded_size
    let offset = unsafe Int(clamping: block.uncompressed_file_offset)
    range = unsafe offset..<offset + Int(clamping: block.uncompressed_size)
    check = unsafe place.stream.flags.pointee.check
  }
}
