/// Memory for a decoded block. Written by one thread at a time, and no part of it once others read that part.
@safe final class BlockMemory: @unchecked Sendable {
  /// All of it; not set to anything before it is written.
  let bytes: UnsafeMutableBufferPointer<UInt8>

  init(capacity: Int) { unsafe bytes = .allocate(capacity: capacity) }

  deinit { unsafe bytes.deallocate() }

  /// Calls `body` with the first `count` bytes, to be read.
  func withPrefix<Failure: Error>(_ count: Int, _ body: (Span<UInt8>) throws(Failure) -> Void) throws(Failure) {
    try body(unsafe UnsafeBufferPointer(prefix(count)).span)
  }

  /// The first `count` bytes.
  func prefix(_ count: Int) -> UnsafeMutableBufferPointer<UInt8> {
    unsafe UnsafeMutableBufferPointer(rebasing: bytes[..<count])
  }
}
