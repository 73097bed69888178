import Bytes
import Dispatch
import Storage
import Synchronization

/// Writes and hashes what a decoder makes beside it, on another thread.
final class StreamedDecoding: Sendable {
  private struct State {
    /// Those of the full size.
    var free: [[UInt8]] = []
    var failure: IOError?
  }

  private let sink: any ImageSink
  private let queue = DispatchQueue(label: "pibake.image")
  private let state = Mutex(State())
  private let buffers = allowance(bufferCount)
  private let digest = Mutex(SHA256())

  /// Large enough to hide the hand-over; the first ones are smaller, as small images need no more. All are multiples of the
  /// writer's pieces.
  private static let bufferSizes = 64 << 10...1 << 20
  private static let bufferCount = 4

  init(to sink: any ImageSink) { self.sink = sink }

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
      var buffer = try performing { () throws(IOError) in try takeBuffer(after: size) }
      var output = buffer.mutableSpan
      let count = try decoder.read(into: &output)
      guard count <= limit - size else { throw input.unsupported("a disk of more than \(limit) bytes") }
      if count < buffer.count {
        // The last: there is nothing left to be done beside it.
        let last = buffer
        queue.sync { append(last, count, at: size) }
        if let failure = state.withLock({ $0.failure }) { throw .io(failure) }
        return (digest.withLock { exchange(&$0, with: SHA256()) }.finish(), size + count)
      }
      queue.async { [buffer, size] in self.append(buffer, count, at: size) }
      size += count
    }
  }

  private func takeBuffer(after size: Int) throws(IOError) -> [UInt8] {
    try state.withLock { (state) throws(IOError) in
      if let failure = state.failure { throw failure }
      let count = min(max(size, Self.bufferSizes.lowerBound), Self.bufferSizes.upperBound)
      if count == Self.bufferSizes.upperBound, let buffer = state.free.popLast() { return buffer }
      return [UInt8](repeating: 0, count: count)
    }
  }

  /// Takes in the first `count` bytes of `buffer`, which belong at `offset`. Called in their order.
  private func append(_ buffer: [UInt8], _ count: Int, at offset: Int) {
    let bytes = buffer.span.extracting(0..<count)
    digest.withLock { $0.update(bytes) }
    var failure: IOError?
    do throws(IOError) {
      try sink.write(bytes, at: offset)
    } catch {
      failure = error
    }
    state.withLock {
      if buffer.count == Self.bufferSizes.upperBound { $0.free.append(buffer) }
      if let failure, $0.failure == nil { $0.failure = failure }
    }
    buffers.signal()
  }
}
