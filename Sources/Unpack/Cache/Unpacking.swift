import Bytes
import Storage

/// The way from any source of bytes to the disk in it: what the source is told to be, what it is wrapped in, and which decoder
/// takes that off.
///
/// It knows neither files nor the cache, which is but one of its users.
package struct Unpacking {
  private let input: Input
  private let limit: Int
  private let signature: Signature?

  /// What was decoded.
  package struct Decoded {
    /// What the disk was in.
    package let container: Container
    /// The SHA-256 of the source, and of what was in it.
    let inputDigest: SHA256Digest
    let imageDigest: SHA256Digest
    /// The bytes of what was in it.
    package let size: Int
  }

  /// Looks at the first bytes of `source`, and at the last ones where these tell nothing.
  ///
  /// - Parameters:
  ///   - limit: the largest disk that is unpacked, in bytes.
  ///   - progress: advanced by the bytes of `source` that were read.
  ///   - cancelled: asked before each chunk of `source` and of the disk.
  package init(
    _ source: any ByteSource, limit: Int, progress: Progress? = nil,
    cancelled: @escaping @Sendable () -> Bool = { false }
  ) throws(UnpackError) {
    input = Input(source, progress: progress, cancelled: cancelled)
    self.limit = limit
    var signature = try Signature(of: source)
    if try ZipEnd.followsSomethingElse(signature, in: source) { signature = .archive(.zip) }
    self.signature = signature
    // Such a part begins in the middle of a file: its first bytes tell nothing.
    if signature == nil || signature == .archive(.zip), try ZipEnd(of: source)?.isLastPart == true {
      throw input.unsupported("the last part of a split zip as a container")
    }
  }

  /// Whether the source is the disk itself, perhaps in Android's sparse format.
  package var isDisk: Bool { signature == nil || signature == .sparseImage }

  /// The disk that the source is.
  package func disk() throws(UnpackError) -> UnpackedImage {
    try UnpackedImage(source: input.source, container: .raw, inputDigest: nil).expanded(limit: limit)
  }

  /// The disk in an .xz source of several blocks, to be decoded where it is read; nil if the source is another, or better decoded
  /// as a whole.
  package func inPlace() throws(UnpackError) -> UnpackedImage? {
    guard signature == .compression(.xz) else { return nil }
    let index = try XZIndex(input)
    guard index.size <= Self.limit(limit, forFileOf: input.size), let source = XZSource(input.source, index) else {
      return nil
    }
    let inner = try Signature(of: source)
    guard inner == nil || inner == .sparseImage else { return nil }
    let container = Container([.compression(.xz, blocks: index.blockCount)], trailing: index.trailing)
    return try UnpackedImage(source: source, container: container, inputDigest: nil).expanded(limit: limit)
  }

  /// Decodes what is in the source, which is no disk itself, into `sink`.
  ///
  /// - Throws: `UnpackError`; `sink` then has a part of it, or more.
  package func decode(to sink: any ImageSink) throws(UnpackError) -> Decoded {
    let unwrapping = try Unwrapping(of: input, outer: signature, limit: Self.limit(limit, forFileOf: input.size))
    let result = try decode(unwrapping, to: sink)
    return Decoded(
      container: Container(unwrapping.layers, trailing: result.trailing), inputDigest: try input.digest(),
      imageDigest: result.digest,
      size: result.size)
  }

  /// Whether the source is one compressed stream, of whatever.
  package var isCompressed: Bool { compression != nil }

  private var compression: Compression? {
    if case .compression(let compression)? = signature { compression } else { nil }
  }

  /// What a compressed source is compressed from: its first bytes, as many as tell its format.
  package func decompressedStart() throws(UnpackError) -> [UInt8] {
    guard let compression else { throw notCompressed }
    return try Unwrapping(compression, of: input).start(of: input)
  }

  /// Decompresses what a compressed source is compressed from into `sink`: whatever that is, nothing more is taken off.
  ///
  /// - Returns: its size.
  package func decompress(to sink: any ImageSink) throws(UnpackError) -> Int {
    guard let compression else { throw notCompressed }
    return try decode(Unwrapping(compression, of: input), to: sink).size
  }

  private var notCompressed: UnpackError { input.unsupported("a file that is not compressed as one that is") }

  private func decode(
    _ unwrapping: Unwrapping, to sink: any ImageSink
  ) throws(UnpackError) -> (digest: SHA256Digest, size: Int, trailing: TrailingBytes?) {
    if let index = unwrapping.index, index.blockCount > 1, index.largestBlock <= BlockwiseDecoding.blockLimit {
      return (try BlockwiseDecoding(input, index, to: sink).run(), index.size, index.trailing)
    }
    let limit = Self.limit(limit, forFileOf: input.size)
    let decoding = try unwrapping.decoding(input)
    let (digest, size) = try StreamedDecoding(to: sink).run(decoding.decoder, limit: limit, of: input)
    return (digest, size, try decoding.finish())
  }

  /// The largest image that a file of `size` bytes may hold, where no disk may be larger than `limit`.
  ///
  /// No disk that somebody made is both large and as good as empty: what claims that would keep us busy for hours.
  static func limit(_ limit: Int, forFileOf size: Int) -> Int {
    min(limit, max(32 << 30, size.multipliedReportingOverflow(by: 1000).partialValue))
  }
}

/// Where a decoded image goes. Several threads write to it at the same time, each byte at most once; what is not written is zero.
package protocol ImageSink: Sendable {
  /// Writes `bytes` at `offset`.
  func write(_ bytes: Span<UInt8>, at offset: Int) throws(IOError)
}
