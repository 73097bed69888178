extension [Run] {
  /// These runs with others in the place of some byte ranges. `stretches` ascend and do not touch.
  package func replacing(_ stretches: [(range: Range<Int>, runs: [Run])]) -> [Run] {
    var result: [Run] = []
    result.reserveCapacity(count + 2 * stretches.count)
    var cursor = RunCursor(self)
    for stretch in stretches {
      cursor.append(to: &result, upTo: stretch.range.lowerBound)
      result += stretch.runs
      cursor.skip(to: stretch.range.upperBound)
    }
    cursor.append(to: &result, upTo: .max)
    return result
  }
}
