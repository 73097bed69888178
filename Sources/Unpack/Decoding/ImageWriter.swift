import Bytes
import CLinux
import Glibc
import Storage
import Synchronization
import SystemPackage

/// A decoded image being written, by one thread or several: zeros become holes, and the volume never fills.
final class ImageWriter: ImageSink {
  private let descriptor: FileDescriptor
  private let path: FilePath
  /// What the volume must keep free, in bytes.
  private let reserve: Int
  private let written = Atomic<Int>(0)

  /// What is looked at, and left out if it is zero, as one. Smaller pieces save little and cost calls and extents.
  static let piece = 64 << 10
  /// How much is written between two looks at the volume.
  private static let stride = 32 << 20

  /// An image in the empty file `descriptor`, called `path` in messages. The caller closes the file.
  ///
  /// - Throws: `IOError` if the volume is as good as full.
  init(_ descriptor: FileDescriptor, path: FilePath) throws(IOError) {
    self.descriptor = descriptor
    self.path = path
    let volume = try Volume(descriptor, path: path)
    // A disk on which nothing can be written is worse than an image that is not decoded.
    reserve = min(1 << 30, volume.size / 20)
    try checkSpace()
  }

  /// Writes `bytes` at `offset`, where nothing was written before.
  func write(_ bytes: Span<UInt8>, at offset: Int) throws(IOError) {
    var start = 0
    var end = 0
    while end < bytes.count {
      let next = min(end + Self.piece, bytes.count)
      if bytes.extracting(end..<next).isZero {
        try put(bytes.extracting(start..<end), at: offset + start)
        start = next
      }
      end = next
    }
    try put(bytes.extracting(start..<end), at: offset + start)
  }

  /// Sets the file's size, which ends the writing.
  func finish(size: Int) throws(IOError) {
    do {
      try descriptor.resize(to: Int64(size))
    } catch {
      throw IOError(path, "resize", error as? Errno ?? .ioError)
    }
  }

  private func put(_ bytes: Span<UInt8>, at offset: Int) throws(IOError) {
    guard !bytes.isEmpty else { return }
    let (before, after) = written.add(bytes.count, ordering: .relaxed)
    if before / Self.stride != after / Self.stride { try checkSpace() }
    do {
      _ = try unsafe bytes.withUnsafeBytes { try unsafe descriptor.writeAll(toAbsoluteOffset: Int64(offset), $0) }
    } catch {
      throw IOError(path, "write", error as? Errno ?? .ioError)
    }
    // The disk is idle while the processors decode: what is on it already need not be waited for at the end.
    if bytes.count >= Self.piece { _ = pb_start_writeback(descriptor.rawValue, Int64(offset), Int64(bytes.count)) }
  }

  private func checkSpace() throws(IOError) {
    guard try Volume(descriptor, path: path).free >= reserve else {
      throw IOError(
        path: path.description, operation: "decode",
        cause: .message("less than \(reserve >> 20) MiB would stay free on its volume"))
    }
  }
}

/// The size of a volume, and what is free on it for this user, in bytes.
struct Volume {
  let size: Int
  let free: Int

  /// The volume that the open file `descriptor` lies on.
  init(_ descriptor: FileDescriptor, path: FilePath) throws(IOError) {
    var status = statvfs()
    guard unsafe fstatvfs(descriptor.rawValue, &status) == 0 else {
      throw IOError(path, "measure the volume", Errno(rawValue: errno))
    }
    size = Int(clamping: UInt(status.f_blocks).multipliedReportingOverflow(by: UInt(status.f_frsize)).partialValue)
    free = Int(clamping: UInt(status.f_bavail).multipliedReportingOverflow(by: UInt(status.f_frsize)).partialValue)
  }
}
