import Bytes

/// Ranges being collected in ascending order; touching ones become one.
struct RangeList {
  private(set) var ranges: [Range<Int>]

  init(_ ranges: [Range<Int>] = []) { self.ranges = ranges }

  mutating func append(_ range: Range<Int>) {
    if let last = ranges.last, last.upperBound == range.lowerBound {
      ranges[ranges.count - 1] = last.lowerBound..<range.upperBound
    } else {
      ranges.append(range)
    }
  }

  /// The numbers of the blocks of `size` bytes that the ranges touch, ascending, each once.
  func blocks(of size: Int) -> [Int] {
    var blocks: [Int] = []
    for range in ranges {
      let first = max(range.lowerBound / size, blocks.last.map { $0 + 1 } ?? 0)
      let last = (range.upperBound - 1) / size
      if first <= last { blocks.append(contentsOf: first...last) }
    }
    return blocks
  }
}

extension [Range<Int>] {
  /// Whether one of these ranges, which ascend and do not overlap, has a byte of `range`.
  package func meet(_ range: Range<Int>) -> Bool {
    let index = firstIndex(endingAfter: range.lowerBound)
    return index < count && self[index].lowerBound < range.upperBound
  }

  /// The parts of these ranges, which ascend and do not overlap, that lie in `range`.
  package func parts(in range: Range<Int>) -> [Range<Int>] {
    self[firstIndex(endingAfter: range.lowerBound)...].prefix { $0.lowerBound < range.upperBound }
      .map { $0.clamped(to: range) }
  }

  private func firstIndex(endingAfter place: Int) -> Int {
    partitioningIndex { $0.upperBound > place }
  }
}
