import Bytes

/// Where two outputs of one size may differ.
package struct RunDifference: Sendable {
  /// The byte ranges, ascending, neither touching nor empty. Everywhere else both outputs hold the same bytes.
  package let ranges: [Range<Int>]

  /// Bytes are compared in pieces of this size: finer ranges would save no write, since disks write no less.
  private static let grain = 512

  /// Compares two run lists of equal size without reading any source: ranges of sources are the same if source and
  /// offset are, bytes if they are equal. Linear in the number of runs and of bytes in memory.
  package init(between first: [Run], and second: [Run]) {
    var collected = RangeList()
    var (left, right) = (RunCursor(first), RunCursor(second))
    var offset = 0
    while let a = left.current, let b = right.current {
      let count = min(left.rest, right.rest)
      RunDifference.compare(a, left.done, b, right.done, count: count, at: offset, into: &collected)
      left.skip(count)
      right.skip(count)
      offset += count
    }
    ranges = collected.ranges
  }

  /// The number of bytes in which the outputs may differ.
  package var count: Int { ranges.reduce(0) { $0 + $1.count } }

  /// Compares `count` bytes of two runs, each from its own offset on; they lie at `offset` of the outputs.
  private static func compare(
    _ first: Run, _ firstStart: Int, _ second: Run, _ secondStart: Int, count: Int, at offset: Int,
    into collected: inout RangeList
  ) {
    switch (first, second) {
    case (.zeros, .zeros): return
    case (.source(let a, let aStart, _), .source(let b, let bStart, _))
    where a === b && aStart + firstStart == bStart + secondStart:
      return
    case (.bytes(let a), .bytes(let b)):
      let (a, b) = (
        a.span.extracting(firstStart..<firstStart + count), b.span.extracting(secondStart..<secondStart + count)
      )
      comparePieces(count, at: offset, into: &collected) { a.holdsSame(as: b, in: $0) }
    case (.bytes(let a), .zeros):
      let a = a.span.extracting(firstStart..<firstStart + count)
      comparePieces(count, at: offset, into: &collected) { a.isZero(in: $0) }
    case (.zeros, .bytes(let b)):
      let b = b.span.extracting(secondStart..<secondStart + count)
      comparePieces(count, at: offset, into: &collected) { b.isZero(in: $0) }
    default: collected.append(offset..<offset + count)
    }
  }

  /// Appends the pieces of `count` bytes at `offset` that are not the same; pieces begin at multiples of the grain.
  private static func comparePieces(
    _ count: Int, at offset: Int, into collected: inout RangeList, isSame: (Range<Int>) -> Bool
  ) {
    // Most are the same as a whole, which one call finds out.
    if isSame(0..<count) { return }
    var start = 0
    while start < count {
      let end = min((offset + start + grain) / grain * grain - offset, count)
      if !isSame(start..<end) { collected.append(offset + start..<offset + end) }
      start = end
    }
  }
}
