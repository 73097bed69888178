import Bytes
import Glibc
import Storage
import SystemPackage

/// Memory for a decoded block. Written by one thread at a time, and no part of it once others read that part.
@safe final class BlockMemory: @unchecked Sendable {
  /// All of it; zeros before it is written.
  let bytes: UnsafeMutableBufferPointer<UInt8>

  /// Memory from mmap(2), which `deinit` gives back: malloc would keep it, and blocks are large.
  ///
  /// - Throws: `IOError` about the file called `name` if the system has no memory.
  init(capacity: Int, for name: String) throws(IOError) {
    let length = max(capacity, 1)
    let memory = unsafe mmap(nil, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let memory = unsafe memory, unsafe memory != MAP_FAILED else {
      throw IOError(path: name, operation: "decode", cause: .system(.noMemory))
    }
    unsafe bytes = UnsafeMutableBufferPointer(start: memory.assumingMemoryBound(to: UInt8.self), count: capacity)
  }

  deinit { unsafe munmap(bytes.baseAddress, max(bytes.count, 1)) }

  /// Puts `source` at `offset`, where nothing was put yet; of zeros there, no memory is taken.
  ///
  /// - Returns: how many bytes of memory it takes.
  func put(_ source: UnsafeBufferPointer<UInt8>, at offset: Int) -> Int {
    var taken = 0
    for start in stride(from: 0, to: source.count, by: Self.pieceSize) {
      let piece = unsafe UnsafeBufferPointer(rebasing: source[start..<min(start + Self.pieceSize, source.count)])
      if unsafe piece.span.isZero { continue }
      unsafe UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(bytes)[(offset + start)...])
        .copyMemory(from: UnsafeRawBufferPointer(piece))
      taken += piece.count
    }
    return taken
  }

  /// A few pages.
  private static let pieceSize = 16 << 10

  /// Calls `body` with the first `count` bytes, to be read.
  func withPrefix<Failure: Error>(_ count: Int, _ body: (Span<UInt8>) throws(Failure) -> Void) throws(Failure) {
    try body(unsafe UnsafeBufferPointer(prefix(count)).span)
  }

  /// The first `count` bytes.
  func prefix(_ count: Int) -> UnsafeMutableBufferPointer<UInt8> {
    unsafe UnsafeMutableBufferPointer(rebasing: bytes[..<count])
  }
}
