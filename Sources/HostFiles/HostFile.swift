import CLinux
import FileTree
import Storage
import struct SystemPackage.FilePath

/// A file of this machine that is opened only while it is read: a tree may hold more files than a process may open.
package final class HostFile: ByteSource {
  private let path: FilePath
  package let size: Int

  /// The file at `path`, which had `size` bytes when it was examined.
  package init(_ path: FilePath, size: Int) {
    self.path = path
    self.size = size
  }

  package var name: String { path.description }

  package func read(at offset: Int, into buffer: inout MutableSpan<UInt8>) throws(IOError) {
    try FileSource(path).read(at: offset, into: &buffer)
  }
}

extension DeviceNumber {
  /// The device of `st_rdev`.
  init(_ device: UInt) {
    self.init(major: pb_major(UInt64(device)), minor: pb_minor(UInt64(device)))
  }
}
