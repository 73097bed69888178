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
    var template = unsafe folder.appending(".pibake-XXXXXX").withPlatformString {
      unsafe Array(String(cString: $0).utf8) + [0]
    }
    let number = unsafe template.withUnsafeMutableBytes { bytes in
      let path = unsafe bytes.bindMemory(to: CChar.self).baseAddress.unsafelyUnwrapped
      let number = unsafe mkstemp(path)
      if number >= 0 { _ = unsafe unlink(path) }
      return number
    }
    guard number >= 0 else { throw IOError(folder, "create a temporary file in", Errno(rawValue: errno)) }
    descriptor = FileDescriptor(rawValue: number)
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
    // Zeros at the end may not have been written.
    guard ftruncate(descriptor.rawValue, size) == 0 else {
      throw IOError(folder, "write a temporary file in", Errno(rawValue: errno))
    }
    // Opened once more: the source closes what it has, and only reads.
    let whole = try FileSource(FilePath("/proc/self/fd/\(descriptor.rawValue)"))
    return try WindowSource(whole, range: 0..<size, name: name)
  }
}
