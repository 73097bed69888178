import Storage

extension [Run] {
  /// These runs with other ones in the place of `stretches`, which ascend and do not touch.
  func replacing(_ stretches: [(blocks: Range<Int>, runs: [Run])]) -> [Run] {
    var result: [Run] = []
    result.reserveCapacity(count + 2 * stretches.count)
    var cursor = Cursor(runs: self)
    for stretch in stretches {
      cursor.append(to: &result, upTo: stretch.blocks.lowerBound * GroupGeometry.blockSize)
      result += stretch.runs
      cursor.skip(to: stretch.blocks.upperBound * GroupGeometry.blockSize)
    }
    cursor.append(to: &result, upTo: .max)
    return result
  }
}

/// A place in a sequence of runs.
private struct Cursor {
  let runs: [Run]
  /// The run that the place is in, and where that one starts.
  private var index = 0
  private var start = 0
  /// The bytes of that run that lie before the place.
  private var done = 0

  init(runs: [Run]) { self.runs = runs }

  /// Appends what lies between the place and `offset`, which becomes the place.
  mutating func append(to result: inout [Run], upTo offset: Int) {
    if done > 0 { appendPart(to: &result, upTo: offset) }
    guard done == 0 else { return }
    let first = index
    while index < runs.count && runs[index].count <= offset - start {
      start += runs[index].count
      index += 1
    }
    result += runs[first..<index]
    if index < runs.count && start < offset { appendPart(to: &result, upTo: offset) }
  }

  /// Goes to `offset`.
  mutating func skip(to offset: Int) {
    while index < runs.count && runs[index].count <= offset - start {
      start += runs[index].count
      index += 1
    }
    done = index < runs.count ? offset - start : 0
  }

  /// Appends what is left of the run that the place is in, or the part of it before `offset`.
  private mutating func appendPart(to result: inout [Run], upTo offset: Int) {
    let end = min(runs[index].count, offset - start)
    if end > done { result.append(runs[index].part(done..<end)) }
    done = end
    guard done == runs[index].count else { return }
    start += done
    index += 1
    done = 0
  }
}
