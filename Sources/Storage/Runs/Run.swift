/// A stretch of an output, from its first byte to its last: what every writer's layout ends as.
///
/// Runs follow one another without gaps, so a sequence of them is a whole disk, partition or file, and joining
/// sequences joins disks.
package enum Run: Sendable {
  /// This many zero bytes.
  case zeros(Int)
  /// These bytes.
  case bytes([UInt8])
  /// `count` bytes of a source, from `offset` on.
  case source(any ByteSource, offset: Int, count: Int)

  /// The number of bytes.
  package var count: Int {
    switch self {
    case .zeros(let count): count
    case .bytes(let bytes): bytes.count
    case .source(_, _, let count): count
    }
  }
}

extension Run {
  /// The bytes of the run in `range`, counted from its first one.
  package func part(_ range: Range<Int>) -> Run {
    switch self {
    case .zeros: .zeros(range.count)
    case .bytes(let bytes): range.count == bytes.count ? self : .bytes(Array(bytes[range]))
    case .source(let source, let offset, _): .source(source, offset: offset + range.lowerBound, count: range.count)
    }
  }
}

/// Runs being collected in ascending order; touching runs of one kind become one.
package struct RunList: Sendable {
  /// The runs so far.
  package private(set) var runs: [Run] = []
  /// Where the next byte goes: the number of bytes so far.
  package private(set) var end = 0

  /// A list without any byte.
  package init() {}

  /// Zeros up to `offset`, which must not lie before `end`.
  package mutating func zeros(upTo offset: Int) {
    precondition(offset >= end, "runs ascend")
    append(.zeros(offset - end))
  }

  /// Appends the runs of `other`.
  package mutating func append(contentsOf other: some Sequence<Run>) {
    for run in other { append(run) }
  }

  /// Appends `run`, joined with the last one where that gives one run.
  package mutating func append(_ run: Run) {
    guard run.count > 0 else { return }
    end += run.count
    switch (runs.last, run) {
    case (.zeros(let before), .zeros(let count)):
      runs[runs.count - 1] = .zeros(before + count)
    case (.source(let last, let offset, let before), .source(let next, let start, let count))
    where last === next && offset + before == start:
      runs[runs.count - 1] = .source(last, offset: offset, count: before + count)
    default:
      runs.append(run)
    }
  }
}
