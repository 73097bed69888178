import Bytes
import Storage
import SystemPackage

/// A decoded image being written: zeros become holes, and its digest is computed on the way.
struct SparseImage: ~Copyable {
  private let descriptor: FileDescriptor
  private let path: FilePath
  private let hash = SHA256()
  /// The bytes so far.
  private(set) var size = 0

  /// What is looked at, and left out if it is zero, as one. Smaller pieces save little and cost calls and extents.
  private static let piece = 64 << 10

  /// An image in the empty file `descriptor`, called `path` in messages.
  init(_ descriptor: FileDescriptor, path: FilePath) {
    self.descriptor = descriptor
    self.path = path
  }

  /// Appends `bytes`; all but the last must be a multiple of 64 KiB long.
  mutating func append(_ bytes: Span<UInt8>) throws(IOError) {
    hash.update(bytes)
    var start = 0
    var end = 0
    while end < bytes.count {
      let next = min(end + Self.piece, bytes.count)
      if bytes.extracting(end..<next).isZero {
        try write(bytes.extracting(start..<end), at: size + start)
        start = next
      }
      end = next
    }
    try write(bytes.extracting(start..<end), at: size + start)
    size += bytes.count
  }

  /// Sets the file's size, which ends the writing.
  ///
  /// - Returns: the digest of the image.
  consuming func finish() throws(IOError) -> SHA256Digest {
    do {
      try descriptor.resize(to: Int64(size))
    } catch {
      throw IOError(path, "resize", error as? Errno ?? .ioError)
    }
    return hash.finish()
  }

  private func write(_ bytes: Span<UInt8>, at offset: Int) throws(IOError) {
    guard !bytes.isEmpty else { return }
    do {
      _ = try unsafe bytes.withUnsafeBytes { try unsafe descriptor.writeAll(toAbsoluteOffset: Int64(offset), $0) }
    } catch {
      throw IOError(path, "write", error as? Errno ?? .ioError)
    }
  }
}
