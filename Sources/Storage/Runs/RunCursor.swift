/// A place in a list of runs, which moves forward only.
package struct RunCursor {
  private let runs: [Run]
  private var index = 0
  /// Where the current run starts, in bytes from the start of the list.
  private var start = 0
  /// The bytes of the current run that lie before the place.
  package private(set) var done = 0

  /// The first byte of `runs`.
  package init(_ runs: [Run]) {
    self.runs = runs
    settle()
  }

  /// The run that holds the next byte; nil at the end.
  package var current: Run? { index < runs.count ? runs[index] : nil }

  /// The bytes of the current run from the place on; 0 at the end.
  package var rest: Int { index < runs.count ? runs[index].count - done : 0 }

  /// Moves forward by `count` bytes, at most to the end.
  package mutating func skip(_ count: Int) {
    done += count
    settle()
  }

  /// Moves forward to `offset` bytes from the start of the list, at most to the end.
  package mutating func skip(to offset: Int) { skip(max(0, offset - start - done)) }

  /// Appends the bytes between the place and `offset` to `result`, and moves there.
  package mutating func append(to result: inout [Run], upTo offset: Int) {
    while let run = current, start + done < offset {
      let end = min(run.count, offset - start)
      result.append(done == 0 && end == run.count ? run : run.part(done..<end))
      skip(end - done)
    }
  }

  private mutating func settle() {
    while index < runs.count && done >= runs[index].count {
      done -= runs[index].count
      start += runs[index].count
      index += 1
    }
    if index == runs.count { done = 0 }
  }
}
