import Bytes
import Glibc
import Storage

/// The source being unpacked, mostly a file: read in chunks, hashed as it is read.
///
/// Decoders read forward, mostly from the first byte to the last, so the digest costs no second reading. What they leave out
/// or read out of order, such as a zip archive's directory, is read once more when the digest is asked for.
@safe final class Input: ChunkStream {
  let source: any ByteSource
  /// Large enough to hide the calls, small enough for the processor's cache.
  private static let chunkSize = 1 << 20
  /// Where the next chunk comes from.
  private(set) var position = 0
  private var hash = SHA256()
  /// The digest covers the bytes before this one.
  private var hashed = 0
  private let buffer: UnsafeMutableBufferPointer<UInt8>
  private let progress: Progress?
  private let cancelled: @Sendable () -> Bool

  init(_ source: any ByteSource, progress: Progress?, cancelled: @escaping @Sendable () -> Bool) {
    self.source = source
    self.progress = progress
    self.cancelled = cancelled
    unsafe buffer = .zeroed(capacity: min(Self.chunkSize, source.size))
  }

  deinit { unsafe buffer.deallocate() }

  /// The file's path, for messages.
  var name: String { source.name }

  /// The number of bytes of the file.
  var size: Int { source.size }

  /// The next bytes, which stay until the next call; none at the end of the file.
  func next() throws(UnpackError) -> UnsafeBufferPointer<UInt8> {
    try checkCancelled()
    let count = unsafe min(buffer.count, size - position)
    let target = unsafe UnsafeMutableBufferPointer(rebasing: buffer[..<count])
    var chunk = unsafe target.mutableSpan
    try performing { () throws(IOError) in try source.read(at: position, into: &chunk) }
    let end = position + count
    if position <= hashed && hashed < end {
      hash.update(unsafe buffer.span.extracting((hashed - position)..<count))
      progress?.advance(by: end - hashed)
      hashed = end
    }
    position = end
    return UnsafeBufferPointer(target)
  }

  /// Goes to `position`, which must lie within the file.
  func seek(to position: Int) {
    precondition(0...size ~= position)
    self.position = position
  }

  /// Takes the bytes before `end` into the digest, as far as that is still to be done.
  func hash(upTo end: Int) throws(UnpackError) {
    seek(to: hashed)
    while position < min(end, size) { _ = unsafe try next() }
  }

  /// The SHA-256 of the whole file, which ends the reading.
  func digest() throws(UnpackError) -> SHA256Digest {
    try hash(upTo: size)
    return exchange(&hash, with: SHA256()).finish()
  }

  /// Throws if the caller wishes to stop.
  func checkCancelled() throws(UnpackError) {
    if cancelled() { throw .cancelled(path: name) }
  }
}

extension UnsafeMutableBufferPointer<UInt8> {
  /// Memory of `capacity` zeros, which the caller deallocates.
  static func zeroed(capacity: Int) -> Self {
    let start = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
    // Not `initialize(repeating:)`: it takes many milliseconds in a debug build.
    unsafe memset(start, 0, capacity)
    return unsafe Self(start: start, count: capacity)
  }
}
