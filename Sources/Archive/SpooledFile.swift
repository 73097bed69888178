import Glibc
import Storage
import Unpack
import struct SystemPackage.Errno
import struct SystemPackage.FileDescriptor
import struct SystemPackage.FilePath

/// A file without a name that an archive is decompressed into, in the folder for large temporary files.
final class SpooledFile: ImageSink {
  private let descriptor: FileDescriptor
  private let folder: FilePath

  /// A new file, in `TMPDIR` or else in `/var/tmp`.
  init() throws(IOError) {
    folder = unsafe FilePath(getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/var/tmp")
    descriptor = try UnnamedFile.make(in: HeldFolder(folder))
  }

  deinit { try? descriptor.close() }

  func write(_ bytes: Span<UInt8>, at offset: Int) throws(IOError) {
    do {
      _ = try unsafe bytes.withUnsafeBytes { try unsafe descriptor.writeAll(toAbsoluteOffset: Int64(offset), $0) }
    } catch {
      throw IOError(folder, "write a temporary file in", error as? Errno ?? .ioError)
    }
  }

  /// The file's first `size` bytes, called `name` in messages.
  func source(size: Int, name: String) throws(IOError) -> any ByteSource {
    do {
      // Zeros at the end may not have been written.
      try descriptor.resize(to: Int64(size))
      // A descriptor of its own, which the source closes.
      let whole = try FileSource(opened: descriptor.duplicate(), path: folder)
      return try WindowSource(whole, range: 0..<size, name: name)
    } catch {
      throw error as? IOError ?? IOError(folder, "write a temporary file in", error as? Errno ?? .ioError)
    }
  }
}
