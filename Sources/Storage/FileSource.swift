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
  /// - Throws: `IOError` if it cannot be opened or has no size.
  package init(_ path: FilePath) throws(IOError) {
    do {
      descriptor = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec])
    } catch {
      throw IOError(path, "open", error as? Errno ?? .ioError)
    }
    self.path = path
    do {
      // Also tells the size of a block device, which fstat does not.
      size = Int(try descriptor.seek(offset: 0, from: .end))
    } catch {
      try? descriptor.close()
      throw IOError(path, "measure", error as? Errno ?? .ioError)
    }
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
