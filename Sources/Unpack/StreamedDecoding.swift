import Bytes
import Dispatch
import Storage
import Synchronization

/// Writes and hashes what a decoder makes beside it, on another thread.
final class StreamedDecoding: Sendable {
  private struct State {
    var free: [[UInt8]]
    var failure: IOError?
  }

  private let writer: ImageWriter
  private let queue = DispatchQueue(label: "pibake.image")
  private let state: Mutex<State>
  private let buffers: DispatchSemaphore
  private let digest = Mutex(SHA256())

  /// Large enough to hide the hand-over, and a multiple of the writer's pieces.
  private static let bufferSize = 1 << 20
  private static let bufferCount = 4

  init(to writer: ImageWriter) {
    self.writer = writer
    let buffer = [UInt8](repeating: 0, count: Self.bufferSize)
    state = Mutex(State(free: [[UInt8]](repeating: buffer, count: Self.bufferCount)))
    buffers = allowance(Self.bufferCount)
  }

  /// Decodes all that `decoder` makes, which must be at most `limit` bytes.
  ///
  /// - Returns: the digest and the size of the image.
  func run(
    _ decoder: any Decoder, limit: Int, of input: Input
  ) throws(UnpackError) -> (digest: SHA256Digest, size: Int) {
    // Whatever happens, nobody writes once this has returned.
    defer { queue.sync {} }
    var size = 0
    while true {
      try input.checkCancelled()
      buffers.wait()
      var buffer = try performing { () throws(IOError) in try takeBuffer() }
      var output = buffer.mutableSpan
      let count = try decoder.read(into: &output)
      guard count <= limit - size else { throw input.unsupported("a disk of more than \(limit) bytes") }
      let isLast = count < buffer.count
      append(buffer, count, at: size)
      size += count
      if isLast { break }
    }
    queue.sync {}
    if let failure = state.withLock({ $0.failure }) { throw .io(failure) }
    return (digest.withLock { exchange(&$0, with: SHA256()) }.finish(), size)
  }

  private func takeBuffer() throws(IOError) -> [UInt8] {
    try state.withLock { (state) throws(IOError) in
      if let failure = state.failure { throw failure }
      return state.free.popLast() ?? [UInt8](repeating: 0, count: Self.bufferSize)
    }
  }

  /// Lets the other thread take the first `count` bytes of `buffer`, which belong at `offset`.
  private func append(_ buffer: consuming [UInt8], _ count: Int, at offset: Int) {
    queue.async { [buffer] in
      let bytes = buffer.span.extracting(0..<count)
      self.digest.withLock { $0.update(bytes) }
      var failure: IOError?
      do throws(IOError) {
        try self.writer.write(bytes, at: offset)
      } catch {
        failure = error
      }
      self.state.withLock {
        $0.free.append(buffer)
        if let failure, $0.failure == nil { $0.failure = failure }
      }
      self.buffers.signal()
    }
  }
}
