import Bytes
import Storage

extension FileContent {
  /// Whether both hold the same bytes. What lies in the same place is not read, and reading ends at the first difference.
  ///
  /// - Throws: `IOError` if a source cannot be read, or with the cause `.cancelled` once `progress` is.
  package func hasSameBytes(as other: FileContent, progress: Progress? = nil) throws(IOError) -> Bool {
    if size != other.size { return false }
    if isSameStorage(as: other) { return true }
    var left = RunCursor(runs)
    var right = RunCursor(other.runs)
    while let first = left.piece, let second = right.piece {
      if progress?.isCancelled ?? false { throw IOError(path: "file", operation: "compare", cause: .cancelled) }
      let count = Swift.min(first.count, second.count)
      guard try first.hasSameBytes(as: second, count: count) else { return false }
      left.advance(by: count)
      right.advance(by: count)
    }
    return true
  }
}

/// A place in a list of runs.
private struct RunCursor {
  private let runs: [Run]
  private var index = 0
  private var offset = 0

  init(_ runs: [Run]) { self.runs = runs }

  /// What is left of the run at this place; nil at the end.
  var piece: Piece? { index < runs.count ? Piece(run: runs[index], offset: offset) : nil }

  mutating func advance(by count: Int) {
    offset += count
    if offset == runs[index].count { (index, offset) = (index + 1, 0) }
  }
}

/// The rest of a run.
private struct Piece {
  let run: Run
  let offset: Int

  /// Large enough to hide the calls, small enough for the cache.
  private static let chunkSize = 256 << 10

  /// How many bytes can be compared at once.
  var count: Int {
    switch run {
    case .zeros: run.count - offset
    case .bytes, .source: Swift.min(Self.chunkSize, run.count - offset)
    }
  }

  func hasSameBytes(as other: Piece, count: Int) throws(IOError) -> Bool {
    switch (run, other.run) {
    case (.zeros, .zeros): return true
    case (.source(let left, let start, _), .source(let right, let otherStart, _))
    where left === right && start + offset == otherStart + other.offset:
      return true
    case (.zeros, _):
      let bytes = try other.bytes(count)
      return bytes.span.isZero
    case (_, .zeros):
      let bytes = try bytes(count)
      return bytes.span.isZero
    default: return try bytes(count) == other.bytes(count)
    }
  }

  private func bytes(_ count: Int) throws(IOError) -> [UInt8] {
    switch run {
    case .zeros: [UInt8](repeating: 0, count: count)
    case .bytes(let bytes): Array(bytes[offset..<offset + count])
    case .source(let source, let start, _): try source.read(at: start + offset, count: count)
    }
  }
}
