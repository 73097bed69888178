import Bytes

/// An output that is not written yet, as bytes that can be read at any place: what runs stand for.
package final class RunSource: ByteSource {
  /// The runs, first to last.
  package let runs: [Run]
  package let size: Int
  package let name: String
  /// Where each run begins.
  private let starts: [Int]

  /// The bytes of `runs`, called `name` in messages.
  package init(_ runs: [Run], name: String) {
    self.runs = runs
    self.name = name
    var end = 0
    var starts: [Int] = []
    starts.reserveCapacity(runs.count)
    for run in runs {
      starts.append(end)
      end += run.count
    }
    self.starts = starts
    size = end
  }

  package func read(at offset: Int, into buffer: inout MutableSpan<UInt8>) throws(IOError) {
    try checkRange(at: offset, count: buffer.count)
    var done = 0
    for run in slice(offset..<offset + buffer.count) {
      var part = buffer._mutatingExtracting(done..<done + run.count)
      switch run {
      case .zeros:
        unsafe part.withUnsafeMutableBytes { _ = unsafe $0.initializeMemory(as: UInt8.self, repeating: 0) }
      case .bytes(let bytes):
        unsafe part.withUnsafeMutableBytes { target in
          unsafe bytes.withUnsafeBytes { unsafe target.copyMemory(from: $0) }
        }
      case .source(let source, let start, _): try source.read(at: start, into: &part)
      }
      done += run.count
    }
  }

  /// The runs of the bytes in `range`, which must lie within the source.
  package func slice(_ range: Range<Int>) -> [Run] {
    var slice: [Run] = []
    var (index, place) = (index(of: range.lowerBound), range.lowerBound)
    while place < range.upperBound {
      let start = place - starts[index]
      let end = min(runs[index].count, range.upperBound - starts[index])
      if start < end { slice.append(runs[index].part(start..<end)) }
      place = starts[index] + end
      index += 1
    }
    return slice
  }

  /// The run that holds the byte at `offset`.
  private func index(of offset: Int) -> Int {
    max(starts.partitioningIndex { $0 > offset } - 1, 0)
  }
}
