import Bytes
import CLinux
import SystemPackage

/// Something that takes runs, first to last.
package protocol RunSink: ~Copyable {
  /// Takes the next run.
  mutating func write(_ run: Run) throws(IOError)
}

extension RunSink where Self: ~Copyable {
  /// Takes all of `runs`.
  ///
  /// - Throws: `IOError`, with the cause `.cancelled` once `progress` is.
  package mutating func write(_ runs: [Run], progress: Progress? = nil) throws(IOError) {
    for run in runs {
      var done = 0
      // At least once: a sink may count empty runs. In pieces, so that a hole of terabytes that is hashed can be cancelled.
      repeat {
        if progress?.isCancelled ?? false { throw IOError(path: "output", operation: "write", cause: .cancelled) }
        let count = min(run.count - done, pieceSize)
        try write(count == run.count ? run : run.part(done..<done + count))
        progress?.advance(by: count)
        done += count
      } while done < run.count
    }
  }
}

/// What is written between two looks at whether it is to go on: a second's work at most.
private let pieceSize = 256 << 20

/// The size of a copy through this process: large enough to hide the calls, small enough for the cache.
private let chunkSize = 1 << 20

/// Runs of other sources below this size go out together.
private let smallSize = 64 << 10

/// Appended as a whole: a repeated element is appended one by one in debug builds.
private let zeros = [UInt8](repeating: 0, count: smallSize)

/// The number of bytes after which writeback is started while copying goes on, so that the sync at the end has less to wait for.
private let writebackSize = 32 << 20

/// Writes runs into a file that starts out empty; zeros become holes.
package struct SparseFileSink: RunSink, ~Copyable {
  private let descriptor: FileDescriptor
  private let path: FilePath
  private var ranges: FileRangeCopy
  private var offset = 0
  private var buffer: [UInt8] = []
  /// Bytes not yet written, which belong right before `offset`: small runs go out together.
  private var pending: [UInt8] = []
  /// Up to where the disk was told to write.
  private var written = 0

  /// A sink into the open file `descriptor`, called `path` in messages. The caller closes it, after `finish`.
  package init(_ descriptor: FileDescriptor, path: FilePath) {
    self.descriptor = descriptor
    self.path = path
    ranges = FileRangeCopy(to: descriptor)
  }

  package mutating func write(_ run: Run) throws(IOError) {
    switch run {
    case .zeros(let count):
      // A few zeros between bytes cost less as bytes than as a hole and one more call.
      if count < 4096 && !pending.isEmpty {
        pending += zeros[..<count]
      } else {
        try flush()
      }
    case .bytes(let bytes):
      pending.append(contentsOf: bytes)
    case .source(let source, let start, let count):
      if count < smallSize {
        try gather(source, from: start, count: count)
      } else {
        try flush()
        try copy(source, from: start, count: count)
      }
    }
    offset += run.count
    if pending.count >= chunkSize { try flush() }
  }

  /// Writes what is left and sets the file's size.
  ///
  /// - Returns: the number of bytes of the file, holes included.
  package mutating func finish() throws(IOError) -> Int {
    try flush()
    do {
      try descriptor.resize(to: Int64(offset))
    } catch {
      throw IOError(path, "resize", error as? Errno ?? .ioError)
    }
    return offset
  }

  private mutating func gather(_ source: any ByteSource, from start: Int, count: Int) throws(IOError) {
    let end = pending.count
    pending += zeros[..<count]
    try source.read(at: start, into: &pending, range: end..<end + count)
  }

  private mutating func flush() throws(IOError) {
    guard !pending.isEmpty else { return }
    try put(pending.span, at: offset - pending.count)
    pending.removeAll(keepingCapacity: true)
  }

  private mutating func copy(_ source: any ByteSource, from start: Int, count: Int) throws(IOError) {
    var done = 0
    if let (file, place) = source.fileRange(at: start) {
      while done < count {
        let copied = ranges.copy(
          file, from: place + done, to: offset + done, count: min(count - done, writebackSize))
        // Not every pair of file systems can, and none may have to: the loop below does the same.
        guard copied > 0 else { break }
        done += copied
        startWriteback(upTo: offset + done)
      }
    }
    if buffer.isEmpty && done < count { buffer = [UInt8](repeating: 0, count: chunkSize) }
    while done < count {
      let size = min(chunkSize, count - done)
      try source.read(at: start + done, into: &buffer, range: 0..<size)
      try put(buffer.span.extracting(0..<size), at: offset + done)
      done += size
      startWriteback(upTo: offset + done)
    }
  }

  private mutating func startWriteback(upTo end: Int) {
    guard end - written >= writebackSize else { return }
    // A hint: whether it was taken shows only in the time that a sync takes.
    _ = pb_start_writeback(descriptor.rawValue, Int64(written), Int64(end - written))
    written = end
  }

  private func put(_ bytes: Span<UInt8>, at place: Int) throws(IOError) {
    do {
      try unsafe bytes.withUnsafeBytes { _ = unsafe try descriptor.writeAll(toAbsoluteOffset: Int64(place), $0) }
    } catch {
      throw IOError(path, "write", error as? Errno ?? .ioError)
    }
  }
}

/// Computes the SHA-256 of runs.
package struct DigestSink: RunSink, ~Copyable {
  private let hash = SHA256()
  /// Only as large as what was read so far: most files are small, and there are many.
  private var buffer: [UInt8] = []

  /// What is hashed at once: small enough for a processor's own cache, large enough to hide the calls.
  private static let chunkSize = 256 << 10
  private static let zeros = [UInt8](repeating: 0, count: chunkSize)

  package init() {}

  package mutating func write(_ run: Run) throws(IOError) {
    var done = 0
    switch run {
    case .bytes(let bytes):
      hash.update(bytes.span)
    case .zeros(let count):
      let zeros = Self.zeros
      while done < count {
        let size = min(Self.chunkSize, count - done)
        hash.update(zeros.span.extracting(0..<size))
        done += size
      }
    case .source(let source, let start, let count):
      let needed = min(Self.chunkSize, count)
      if buffer.count < needed { buffer = [UInt8](repeating: 0, count: needed) }
      while done < count {
        let size = min(Self.chunkSize, count - done)
        try source.read(at: start + done, into: &buffer, range: 0..<size)
        hash.update(buffer.span.extracting(0..<size))
        done += size
      }
    }
  }

  /// The digest of all runs.
  package consuming func finish() -> SHA256Digest { hash.finish() }
}
