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
      left.skip(count)
      right.skip(count)
    }
    return true
  }
}

extension RunCursor {
  /// The rest of the current run; nil at the end.
  fileprivate var piece: Piece? { current.map { Piece(run: $0, offset: done) } }
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
