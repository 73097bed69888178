import Bytes
import Storage

/// A file system some of whose blocks lie in its journal.
final class ReplayedSource: ByteSource {
  /// A block whose bytes lie elsewhere in the source.
  struct Replacement {
    let block: Int
    /// Where its bytes lie.
    let sourceOffset: Int
    /// Whether its first four bytes are the journal's magic number, and lie there as zeros.
    let isEscaped: Bool
  }

  /// The file system as it lies on the disk.
  let base: any ByteSource
  private let replacements: [Replacement]
  private let blockSize: Int

  /// `base` with `replacements`, which are sorted by block, no block twice.
  init(_ base: any ByteSource, replacements: [Replacement], blockSize: Int) {
    self.base = base
    self.replacements = replacements
    self.blockSize = blockSize
  }

  var size: Int { base.size }
  var name: String { base.name }

  func read(at offset: Int, into buffer: inout MutableSpan<UInt8>) throws(IOError) {
    try base.read(at: offset, into: &buffer)
    let range = offset..<offset + buffer.count
    var index = firstReplacement(at: offset / blockSize)
    while index < replacements.count, replacements[index].block * blockSize < range.upperBound {
      try put(replacements[index], into: &buffer, of: range)
      index += 1
    }
  }

  func verify(at offset: Int, count: Int) throws(IOError) {
    try base.verify(at: offset, count: count)
    var index = firstReplacement(at: offset / blockSize)
    while index < replacements.count, replacements[index].block * blockSize < offset + count {
      try base.verify(at: replacements[index].sourceOffset, count: blockSize)
      index += 1
    }
  }

  /// What is replaced lies in the journal, and few blocks are.
  func prefetch(_ ranges: [Range<Int>]) { base.prefetch(ranges) }

  /// Whether any of the `count` bytes from `offset` on is in the journal.
  func replaces(_ offset: Int, count: Int) -> Bool {
    let index = firstReplacement(at: offset / blockSize)
    return index < replacements.count && replacements[index].block * blockSize < offset + count
  }

  /// Reads the part of a replaced block that is in `range`, which `buffer` holds.
  private func put(
    _ replacement: Replacement, into buffer: inout MutableSpan<UInt8>, of range: Range<Int>
  ) throws(IOError) {
    let start = replacement.block * blockSize
    let part = range.clamped(to: start..<start + blockSize)
    var bytes = buffer._mutatingExtracting(part.lowerBound - range.lowerBound..<part.upperBound - range.lowerBound)
    try base.read(at: replacement.sourceOffset + part.lowerBound - start, into: &bytes)
    guard replacement.isEscaped else { return }
    let magic = JournalBlockHeader.magic.bigEndianBytes
    for place in part.clamped(to: start..<start + 4) { bytes[place - part.lowerBound] = magic[place - start] }
  }

  /// The index of the first replacement of block `block` or one after it.
  private func firstReplacement(at block: Int) -> Int {
    replacements.partitioningIndex { $0.block >= block }
  }
}

extension UInt32 {
  /// The four bytes, most significant first.
  fileprivate var bigEndianBytes: [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: self >> (24 - 8 * $0)) } }
}
