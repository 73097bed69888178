import Glibc
import SystemPackage

/// A file of this machine, open for reading until the last user lets go.
package final class FileSource: ByteSource {
  /// The open file; the source closes it.
  package let descriptor: FileDescriptor
  /// Where it was opened.
  package let path: FilePath
  package let size: Int

  /// Opens the regular file or block device at `path`.
  ///
  /// - Throws: `IOError` if it cannot be opened or has no size; a usage error if it is something else, such as a FIFO.
  package convenience init(_ path: FilePath) throws(IOError) {
    // Without O_NONBLOCK, opening a FIFO waits for a writer.
    try self.init(opened: try openFile(path, .readOnly, [.closeOnExec, .nonBlocking]), path: path)
  }

  /// Takes over `descriptor`, which is open for reading and called `path` in messages.
  ///
  /// - Throws: as `init(_:)` does; the descriptor is closed then.
  package init(opened descriptor: FileDescriptor, path: FilePath) throws(IOError) {
    self.descriptor = descriptor
    self.path = path
    do {
      try FileSource.checkKind(of: descriptor, path)
      // Also tells the size of a block device, which fstat does not.
      size = Int(try descriptor.seek(offset: 0, from: .end))
    } catch {
      try? descriptor.close()
      throw error as? IOError ?? IOError(path, "measure", error as? Errno ?? .ioError)
    }
  }

  private static func checkKind(of descriptor: FileDescriptor, _ path: FilePath) throws(IOError) {
    var status = stat()
    guard unsafe fstat(descriptor.rawValue, &status) == 0 else { throw IOError(path, "stat", Errno(rawValue: errno)) }
    let kind: String
    switch status.st_mode & S_IFMT {
    case S_IFREG, S_IFBLK: return
    case S_IFDIR: throw IOError(path, "read", .isDirectory)
    case S_IFIFO: kind = "a FIFO"
    case S_IFSOCK: kind = "a socket"
    case S_IFCHR: kind = "a character device"
    default: kind = "of an unknown kind"
    }
    throw IOError(
      path: path.description, operation: "open",
      cause: .refused(
        "is \(kind), not a regular file or block device", hint: "save what it gives in a file, and name that"))
  }

  deinit { try? descriptor.close() }

  package var name: String { path.description }

  package func read(at offset: Int, into buffer: inout MutableSpan<UInt8>) throws(IOError) {
    var done = 0
    let count = buffer.count
    while done < count {
      let read: Int
      do {
        read = try unsafe buffer.withUnsafeMutableBytes { bytes in
          try unsafe descriptor.read(
            fromAbsoluteOffset: Int64(offset + done), into: UnsafeMutableRawBufferPointer(rebasing: bytes[done...]))
        }
      } catch {
        throw IOError(path, "read", error as? Errno ?? .ioError)
      }
      guard read > 0 else {
        throw IOError(path: name, operation: "read", cause: .endOfFile(offset: offset + count))
      }
      done += read
    }
  }

  package func fileRange(at offset: Int) -> (file: FileSource, offset: Int)? { (self, offset) }
}
