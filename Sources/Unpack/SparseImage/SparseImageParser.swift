import Bytes
import Storage

/// Reads the header and the chunks of an image in Android's sparse format.
struct SparseImageParser {
  private let base: any ByteSource
  private let limit: Int
  /// A part of the file, and where it starts: headers of chunks without data lie close together.
  private var window: (start: Int, bytes: [UInt8]) = (0, [])
  private var checksum = SparseChecksum()
  /// The size of the disk, in bytes.
  private(set) var size = 0

  /// Images have some thousands; each takes 32 bytes of memory.
  private static let chunkLimit = 1 << 20
  private static let windowSize = 4096

  init(_ base: any ByteSource, limit: Int) {
    self.base = base
    self.limit = limit
  }

  /// The disk, part by part and without gaps.
  mutating func extents() throws(UnpackError) -> [SparseExtent] {
    let header = try bytes(at: 0, count: 28, of: "header")
    let major_version = header.span.le(4, as: UInt16.self)
    let file_hdr_sz = Int(header.span.le(8, as: UInt16.self))
    let chunk_hdr_sz = Int(header.span.le(10, as: UInt16.self))
    let blk_sz = Int(header.span.le(12, as: UInt32.self))
    let total_blks = Int(header.span.le(16, as: UInt32.self))
    let total_chunks = Int(header.span.le(20, as: UInt32.self))
    let image_checksum = header.span.le(24, as: UInt32.self)
    guard major_version == 1 else { throw unsupported("an Android sparse image of version \(major_version)") }
    guard file_hdr_sz >= 28, chunk_hdr_sz >= 12, blk_sz > 0, blk_sz % 4 == 0 else {
      throw corrupt(at: 8, "impossible sizes of headers or blocks: \(file_hdr_sz), \(chunk_hdr_sz), \(blk_sz)")
    }
    // Both are below 2^32.
    let (size, overflow) = blk_sz.multipliedReportingOverflow(by: total_blks)
    guard !overflow, size <= limit else { throw unsupported("a disk of more than \(limit) bytes") }
    guard total_chunks <= Self.chunkLimit else { throw unsupported("a sparse image of \(total_chunks) chunks") }
    self.size = size

    var extents: [SparseExtent] = []
    var position = file_hdr_sz
    var end = 0
    for _ in 0..<total_chunks {
      let chunkHeader = try self.bytes(at: position, count: 12, of: "chunk")
      let chunk = Chunk(chunkHeader.span)
      let data = position + chunk_hdr_sz
      guard chunk.blocks <= (size - end) / blk_sz else {
        throw corrupt(at: position, "more blocks than the \(total_blks) of the disk")
      }
      let count = chunk.blocks * blk_sz
      guard chunk.size == chunk_hdr_sz + (chunk.dataSize(blockSize: blk_sz) ?? -1) else {
        throw corrupt(at: position, "a chunk of type \(chunk.type) and \(chunk.blocks) blocks in \(chunk.size) bytes")
      }
      guard chunk.size <= base.size - position else { throw corrupt(at: base.size, "the file ends within a chunk") }
      switch chunk.type {
      case Chunk.raw: extents.add(SparseExtent(start: end, end: end + count, content: .stored(data)))
      case Chunk.fill:
        let pattern = try word(at: data)
        extents.add(SparseExtent(start: end, end: end + count, content: .fill(pattern)))
      case Chunk.dontCare: extents.add(SparseExtent(start: end, end: end + count, content: .nothing))
      default:
        try check(word(at: data), extents, at: position)
      }
      end += count
      position += chunk.size
    }
    guard end == size else { throw corrupt(at: position, "\(end) bytes of a disk of \(size)") }
    if image_checksum != 0 { try check(image_checksum, extents, at: 24) }
    return extents
  }

  /// Throws unless `stored` is the CRC-32 of `extents`.
  private mutating func check(_ stored: UInt32, _ extents: [SparseExtent], at position: Int) throws(UnpackError) {
    do throws(IOError) {
      try checksum.add(extents, of: base)
    } catch {
      throw .io(error)
    }
    guard checksum.agrees(with: stored) else { throw corrupt(at: position, "a wrong checksum") }
  }

  private mutating func word(at offset: Int) throws(UnpackError) -> UInt32 {
    let bytes = try bytes(at: offset, count: 4, of: "chunk")
    return bytes.span.le(0)
  }

  private mutating func bytes(at offset: Int, count: Int, of part: String) throws(UnpackError) -> [UInt8] {
    guard offset <= base.size - count else { throw corrupt(at: base.size, "the file ends within a \(part)") }
    if offset < window.start || offset + count > window.start + window.bytes.count {
      let size = min(Self.windowSize, base.size - offset)
      let source = base
      window = (offset, try performing { () throws(IOError) in try source.read(at: offset, count: size) })
    }
    return Array(window.bytes[offset - window.start..<offset - window.start + count])
  }

  private func corrupt(at position: Int, _ reason: String) -> UnpackError {
    .corrupt(path: base.name, container: "Android sparse image", position: position, reason: reason)
  }

  private func unsupported(_ feature: String) -> UnpackError { .unsupported(path: base.name, feature: feature) }

  /// The header of a chunk.
  private struct Chunk {
    static let raw: UInt16 = 0xCAC1
    static let fill: UInt16 = 0xCAC2
    static let dontCare: UInt16 = 0xCAC3
    static let checksum: UInt16 = 0xCAC4

    let type: UInt16
    let blocks: Int
    /// With the header.
    let size: Int

    init(_ bytes: Span<UInt8>) {
      type = bytes.le(0)
      blocks = Int(bytes.le(4, as: UInt32.self))
      size = Int(bytes.le(8, as: UInt32.self))
    }

    /// The bytes after the header that a chunk of this type has; nil if there is no such type, or it may not have blocks.
    func dataSize(blockSize: Int) -> Int? {
      switch type {
      case Self.raw: blocks * blockSize
      case Self.fill: 4
      case Self.dontCare: 0
      case Self.checksum: blocks == 0 ? 4 : nil
      default: nil
      }
    }
  }
}

extension [SparseExtent] {
  /// Appends `extent`, joined with the last one where that gives one.
  fileprivate mutating func add(_ extent: SparseExtent) {
    guard extent.end > extent.start else { return }
    if let last, last.content == extent.content, !last.isStored {
      self[count - 1].end = extent.end
    } else {
      append(extent)
    }
  }
}

extension SparseExtent {
  var isStored: Bool { if case .stored = content { true } else { false } }
}
