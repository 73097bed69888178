import Bytes
import Glibc
import Storage

/// An image in Android's sparse format, read as the disk that it stands for: nothing is expanded.
///
/// The format is AOSP's system/core/libsparse/sparse_format.h: a header, then chunks, each of which is a number of blocks as
/// they are, filled with four bytes over and over, or left out.
final class SparseImageSource: ByteSource {
  private let base: any ByteSource
  private let extents: [SparseExtent]
  let size: Int

  /// The disk of at most `limit` bytes in `base`, which bears the format's mark.
  ///
  /// - Throws: `UnpackError`: corrupt also if a checksum in it is wrong.
  init(_ base: any ByteSource, limit: Int) throws(UnpackError) {
    var parser = SparseImageParser(base, limit: limit)
    extents = try parser.extents()
    size = parser.size
    self.base = base
  }

  var name: String { base.name }

  func read(at offset: Int, into buffer: inout MutableSpan<UInt8>) throws(IOError) {
    try checkRange(at: offset, count: buffer.count)
    var done = 0
    var place = extents.firstIndex(after: offset)
    while done < buffer.count {
      let extent = extents[place]
      let count = min(buffer.count - done, extent.end - offset - done)
      var part = buffer._mutatingExtracting(done..<done + count)
      switch extent.content {
      case .stored(let start):
        try base.read(at: start + offset + done - extent.start, into: &part)
      case .fill(let pattern):
        unsafe part.withUnsafeMutableBytes { unsafe $0.fill(with: pattern, phase: (offset + done) % 4) }
      case .nothing:
        unsafe part.withUnsafeMutableBytes { unsafe $0.fill(with: 0, phase: 0) }
      }
      done += count
      place += 1
    }
  }
}

extension SparseImageSource {
  func verify(at offset: Int, count: Int) throws(IOError) {
    try checkRange(at: offset, count: count)
    for extent in extents[extents.firstIndex(after: offset)...] {
      guard extent.start < offset + count else { break }
      guard case .stored(let start) = extent.content else { continue }
      let range = (extent.start..<extent.end).clamped(to: offset..<offset + count)
      try base.verify(at: start + range.lowerBound - extent.start, count: range.count)
    }
  }
}

/// A part of the disk that a sparse image stands for.
struct SparseExtent {
  enum Content: Equatable {
    /// In the file from this byte on.
    case stored(Int)
    /// These four bytes, little-endian, over and over.
    case fill(UInt32)
    /// Not said ("don't care"): zeros, as simg2img makes of it.
    case nothing
  }

  let start: Int
  var end: Int
  let content: Content
}

extension [SparseExtent] {
  /// The first extent that ends after `offset`; extents ascend.
  fileprivate func firstIndex(after offset: Int) -> Int {
    partitioningIndex { $0.end > offset }
  }
}

extension UnsafeMutableRawBufferPointer {
  /// Fills the memory with the bytes of `pattern`, the first of them being number `phase`.
  fileprivate func fill(with pattern: UInt32, phase: Int) {
    guard let start = baseAddress, count > 0 else { return }
    guard pattern != 0 else {
      unsafe memset(start, 0, count)
      return
    }
    for index in 0..<Swift.min(4, count) {
      unsafe self[index] = UInt8(truncatingIfNeeded: pattern >> UInt32((phase + index) % 4 * 8))
    }
    var done = Swift.min(4, count)
    // What is filled is copied after itself, twice as much each time.
    while done < count {
      let more = Swift.min(done, count - done)
      unsafe memcpy(start + done, start, more)
      done += more
    }
  }
}
