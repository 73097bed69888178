import Bytes
import CLZMA

/// Bytes after a complete compressed stream that belong to no stream: a signature, a certificate, the rest of a tape's block.
struct TrailingBytes {
  let count: Int
  /// The format of the stream before them.
  let compression: Compression

  /// What the operator is told.
  var description: String {
    "\(count) \(count == 1 ? "byte follows" : "bytes follow") the complete \(compression.rawValue) stream, and "
      + (count == 1 ? "is not read" : "are not read")
  }

  /// Signatures and metadata are small; what is larger may be the half of a disk whose beginning is damaged.
  static let limit = 1 << 20

  /// Reads what is left of `stream` after the complete streams of `compression` in it.
  ///
  /// nil if there is nothing, or for gzip nothing but zeros, which gzip(1) ignores too.
  ///
  /// - Parameters:
  ///   - rest: what was taken from `stream` and not decoded.
  ///   - position: where in `stream` that begins.
  /// - Throws: `UnpackError`: corrupt if the bytes hold the beginning of another stream of that format: they are then a damaged
  ///   part of the disk. Unsupported if there are more of them than `limit`.
  init?(
    after compression: Compression, _ rest: [UInt8], at position: Int, in stream: any ChunkStream
  ) throws(UnpackError) {
    var bytes = rest
    var count = rest.count
    var isZero = rest.allSatisfy { $0 == 0 }
    while true {
      let chunk = try unsafe stream.next()
      if chunk.isEmpty { break }
      count += chunk.count
      isZero = unsafe isZero && chunk.allSatisfy { $0 == 0 }
      if bytes.count <= Self.limit { unsafe bytes.append(contentsOf: chunk) }
      guard isZero || count <= Self.limit else { throw Self.tooMany(compression, at: position, in: stream) }
    }
    if count == 0 || isZero && compression == .gzip { return nil }
    if compression.isContinued(in: bytes.prefix(Self.limit)) {
      throw stream.corrupt(
        compression.rawValue, at: position, "something else follows the data, and more of them after it")
    }
    guard count <= Self.limit || isZero else { throw Self.tooMany(compression, at: position, in: stream) }
    self.init(count: count, compression: compression)
  }

  init(count: Int, compression: Compression) {
    self.count = count
    self.compression = compression
  }

  private static func tooMany(
    _ compression: Compression, at position: Int, in stream: any ChunkStream
  ) -> UnpackError {
    stream.unsupported(
      "more than \(limit) bytes that are no \(compression.rawValue) after the complete stream, which ends at byte \(position)"
    )
  }
}

extension Compression {
  /// Whether `bytes`, which follow a complete stream, hold what a stream of this format begins or ends with, or are the first
  /// bytes of such a mark.
  func isContinued(in bytes: ArraySlice<UInt8>) -> Bool {
    if !bytes.isEmpty && mark.starts(with: bytes) { return true }
    var rest = bytes
    while let place = rest.firstIndex(of: mark[0]) {
      rest = rest[place...]
      if rest.starts(with: mark) && isPlausible(rest) { return true }
      rest = rest.dropFirst()
    }
    return self == .xz && XZFooter.last(in: bytes) != nil
  }

  /// What each stream begins with.
  var mark: [UInt8] {
    switch self {
    case .xz: [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]
    case .gzip: [0x1F, 0x8B, 0x08]
    case .bzip2: Array("BZh".utf8)
    case .zstd: [0x28, 0xB5, 0x2F, 0xFD]
    case .lz4: [0x04, 0x22, 0x4D, 0x18]
    }
  }

  /// Whether what follows a short mark may follow it: three bytes are found in a megabyte of anything.
  private func isPlausible(_ bytes: ArraySlice<UInt8>) -> Bool {
    let bytes = Array(bytes.prefix(10))
    switch self {
    // RFC 1952, 2.3.1: three flags are reserved, and zero.
    case .gzip: return bytes.count < 4 || bytes[3] & 0xE0 == 0
    // The level, then the mark of a block or of an empty stream's end.
    case .bzip2:
      return bytes.count < 8 || bytes[4..<8] == [0x31, 0x41, 0x59, 0x26] || bytes[4..<8] == [0x17, 0x72, 0x45, 0x38]
    default: return true
    }
  }
}

/// The footer that an .xz stream ends with (The .xz File Format, 2.1.2).
enum XZFooter {
  static let size = 12

  /// Where the last footer in `bytes` that has a right checksum ends; nil if there is none.
  static func last(in bytes: ArraySlice<UInt8>) -> Int? {
    let mark = Array("YZ".utf8)
    var end = bytes.endIndex
    while end - bytes.startIndex >= size {
      if bytes[end - 2] == mark[0], bytes[end - 1] == mark[1], isFooter(Array(bytes[end - size..<end])) { return end }
      end -= 1
    }
    return nil
  }

  private static func isFooter(_ bytes: [UInt8]) -> Bool {
    var flags = lzma_stream_flags()
    return unsafe bytes.withUnsafeBufferPointer {
      unsafe lzma_stream_footer_decode(&flags, $0.baseAddress) == LZMA_OK
    }
  }
}
