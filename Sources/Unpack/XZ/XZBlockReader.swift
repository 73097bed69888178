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

  private let file: any ByteSource
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

  /// How large a block in the file may be to be looked for among `zeros`, and how many are kept.
  private static let zeroLimit = (bytes: 32 << 10, count: 8)

  init(_ file: any ByteSource) { self.file = file }

  /// What messages call the file.
  var name: String { file.name }

  /// A decoding of `block` that can stop on its way; nil if the block is better decoded as a whole, as it may be one of zeros.
  func decoding(of block: XZBlock) -> XZBlockDecoding? {
    block.fileRange.count <= Self.zeroLimit.bytes ? nil : XZBlockDecoding(block, in: file)
  }

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
    try unsafe XZBlockDecoding(block, in: file).run(into: output)
    guard let coded, unsafe output.span.isZero else { return .bytes }
    zeros.withLock { if $0.count < Self.zeroLimit.count { $0.append(coded) } }
    return .zeros
  }
}
