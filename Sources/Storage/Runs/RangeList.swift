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
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if self[middle].upperBound <= range.lowerBound { low = middle + 1 } else { high = middle }
    }
    return low < count && self[low].lowerBound < range.upperBound
  }
}
