/// Bytes that can be read at any place: a file, a part of one, memory.
///
/// It may be read from several threads at once. Its bytes are taken to stay the same while it is in use; a file's may not, which
/// `IdentifiedFile` finds out before anything that was learned from it is kept.
package protocol ByteSource: AnyObject, Sendable {
  /// The number of bytes.
  var size: Int { get }

  /// A name for messages: a path, mostly.
  var name: String { get }

  /// Fills the whole of `buffer` with the bytes from `offset` on.
  ///
  /// - Throws: `IOError`, also when the source ends before the buffer is full.
  func read(at offset: Int, into buffer: inout MutableSpan<UInt8>) throws(IOError)

  /// Compares the `count` bytes from `offset` on with the checksums that the source has for them, as far as reading alone does not.
  ///
  /// - Throws: `IOError`: what was read of them may be wrong.
  func verify(at offset: Int, count: Int) throws(IOError)

  /// Makes `ranges` ready to be read, as many as is worthwhile and as there is memory for. They are read next, all of them, in any order.
  ///
  /// A hint: what is wrong with them shows when they are read.
  func prefetch(_ ranges: [Range<Int>])

  /// The file and the place in it where the byte at `offset` lies, when the source is a plain part of a file: what
  /// lets the kernel copy without passing bytes through this process.
  func fileRange(at offset: Int) -> (file: FileSource, offset: Int)?
}

extension ByteSource {
  package func fileRange(at offset: Int) -> (file: FileSource, offset: Int)? { nil }

  package func verify(at offset: Int, count: Int) throws(IOError) {}

  package func prefetch(_ ranges: [Range<Int>]) {}

  /// The `count` bytes from `offset` on.
  package func read(at offset: Int, count: Int) throws(IOError) -> [UInt8] {
    try checkRange(at: offset, count: count)
    var bytes = [UInt8](repeating: 0, count: count)
    var span = bytes.mutableSpan
    try read(at: offset, into: &span)
    return bytes
  }

  /// Fills `range` of `array` with the bytes from `offset` on.
  package func read(at offset: Int, into array: inout [UInt8], range: Range<Int>) throws(IOError) {
    var all = array.mutableSpan
    var part = all._mutatingExtracting(range)
    try read(at: offset, into: &part)
  }

  /// Throws unless `count` bytes from `offset` on lie within the source.
  package func checkRange(at offset: Int, count: Int) throws(IOError) {
    let (end, overflow) = offset.addingReportingOverflow(count)
    guard offset >= 0, count >= 0, !overflow, end <= size else {
      throw IOError(path: name, operation: "read", cause: .endOfFile(offset: overflow ? .max : end))
    }
  }
}

/// Bytes in memory.
package final class MemorySource: ByteSource {
  private let bytes: [UInt8]
  package let name: String

  /// A source of `bytes`, called `name` in messages.
  package init(_ bytes: [UInt8], name: String = "memory") {
    self.bytes = bytes
    self.name = name
  }

  package var size: Int { bytes.count }

  package func read(at offset: Int, into buffer: inout MutableSpan<UInt8>) throws(IOError) {
    try checkRange(at: offset, count: buffer.count)
    unsafe buffer.withUnsafeMutableBytes { target in
      unsafe bytes.withUnsafeBytes { all in
        unsafe target.copyMemory(from: UnsafeRawBufferPointer(rebasing: all[offset..<offset + target.count]))
      }
    }
  }
}

/// A part of another source, such as a partition.
package final class WindowSource: ByteSource {
  private let base: any ByteSource
  private let start: Int
  package let size: Int
  package let name: String

  /// The bytes of `base` in `range`, which must lie within it.
  ///
  /// - Throws: `IOError` if it does not: the image is cut short.
  package init(_ base: any ByteSource, range: Range<Int>, name: String? = nil) throws(IOError) {
    try base.checkRange(at: range.lowerBound, count: range.count)
    self.base = base
    self.start = range.lowerBound
    self.size = range.count
    self.name = name ?? base.name
  }

  package func read(at offset: Int, into buffer: inout MutableSpan<UInt8>) throws(IOError) {
    try checkRange(at: offset, count: buffer.count)
    try base.read(at: start + offset, into: &buffer)
  }

  package func verify(at offset: Int, count: Int) throws(IOError) {
    try checkRange(at: offset, count: count)
    try base.verify(at: start + offset, count: count)
  }

  package func prefetch(_ ranges: [Range<Int>]) {
    let whole = 0..<size
    base.prefetch(ranges.map { $0.clamped(to: whole) }.map { start + $0.lowerBound..<start + $0.upperBound })
  }

  package func fileRange(at offset: Int) -> (file: FileSource, offset: Int)? {
    base.fileRange(at: start + offset)
  }
}
