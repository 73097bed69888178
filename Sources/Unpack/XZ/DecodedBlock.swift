import Dispatch
import Storage
import Synchronization

/// A block of an image, which is decoded from its first byte on as far as it is asked for.
///
/// What lies before the first byte that anybody asked for is not kept: mostly nobody does. Who does has the block decoded anew, and
/// then all of it is kept.
final class DecodedBlock: Sendable {
  private struct State {
    /// Nil before the first byte and after the last one.
    var decoding: XZBlockDecoding?
    /// Nil if nothing was decoded, or nothing but zeros.
    var memory: BlockMemory?
    /// The bytes that are kept, or will be: nothing is where it is empty.
    var kept = 0..<0
  }

  private let state = Mutex(State())
  private let zeros = Atomic<Int>(0)
  let size: Int

  /// How much is decoded at a time: small enough for the processor's cache.
  static let stepSize = 256 << 10

  init(size: Int) { self.size = size }

  /// How many of the bytes that are kept are zeros that take no memory.
  var zeroCount: Int { zeros.load(ordering: .relaxed) }

  /// The content of `block`, which this is, of which `range` may be read; nil if it holds nothing but zeros.
  ///
  /// What was not decoded yet is decoded by `reader`, when `gate` lets it.
  func content(
    of block: XZBlock, in range: Range<Int>, by reader: XZBlockReader, through gate: DispatchSemaphore
  ) throws(UnpackError) -> BlockMemory? {
    // A second thread waits here for the first one.
    try state.withLock { (state) throws(UnpackError) in
      if range.lowerBound < state.kept.lowerBound || range.upperBound > state.kept.upperBound {
        gate.wait()
        defer { gate.signal() }
        try decode(range, of: block, into: &state, by: reader)
      }
      return state.memory
    }
  }

  private func decode(
    _ range: Range<Int>, of block: XZBlock, into state: inout State, by reader: XZBlockReader
  ) throws(UnpackError) {
    if state.memory == nil || range.lowerBound < state.kept.lowerBound {
      let isFirst = state.memory == nil
      zeros.store(0, ordering: .relaxed)
      let memory = try performing { () throws(IOError) in try BlockMemory(capacity: size, for: reader.name) }
      guard let decoding = reader.decoding(of: block) else {
        state = State(memory: try reader.decode(block, into: memory) == .bytes ? memory : nil, kept: 0..<size)
        return
      }
      let start = isFirst ? range.lowerBound / Self.stepSize * Self.stepSize : 0
      state = State(decoding: decoding, memory: memory, kept: start..<start)
    }
    guard let decoding = state.decoding, let memory = state.memory else { return }
    // Not into its place: much of a disk is zeros, which then take no memory.
    let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: Self.stepSize)
    defer { unsafe buffer.deallocate() }
    while decoding.count < range.upperBound {
      let start = decoding.count
      let step = unsafe UnsafeMutableBufferPointer(rebasing: buffer[..<min(buffer.count, range.upperBound - start)])
      try unsafe decoding.run(into: step)
      guard decoding.count > state.kept.lowerBound else { continue }
      zeros.add(unsafe step.count - memory.put(UnsafeBufferPointer(step), at: start), ordering: .relaxed)
      state.kept = state.kept.lowerBound..<decoding.count
    }
    if decoding.count == size { state.decoding = nil }
  }
}
