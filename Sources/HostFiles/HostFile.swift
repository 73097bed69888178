import CLinux
import FileTree
import Glibc
import Storage
import Synchronization
import struct SystemPackage.FilePath

/// A file of this machine that is opened only while it is read: a tree may hold more files than a process may open.
package final class HostFile: ByteSource {
  private let path: FilePath
  package let size: Int
  private let recent: RecentFiles

  /// The file at `path`, which had `size` bytes when it was examined.
  init(_ path: FilePath, size: Int, keptOpenBy recent: RecentFiles) {
    self.path = path
    self.size = size
    self.recent = recent
  }

  package var name: String { path.description }

  package func read(at offset: Int, into buffer: inout MutableSpan<UInt8>) throws(IOError) {
    if offset == 0 && buffer.count == size { return try FileSource(path).read(at: 0, into: &buffer) }
    let source = try recent.source(path)
    try source.read(at: offset, into: &buffer)
    // Who reads from end to end wants no more of it.
    if offset + buffer.count == size { recent.forget(path) }
  }

  /// The parts of the file that are no holes, as the file system tells; one that does not tell has none.
  ///
  /// - Parameter size: at least 1.
  static func extents(of path: FilePath, size: Int) -> [FileExtent] {
    let whole = [FileExtent(offset: 0, sourceOffset: 0, count: size)]
    // What cannot be opened fails when its content is asked for.
    guard let file = try? FileSource(path) else { return whole }
    let descriptor = file.descriptor.rawValue
    var extents: [FileExtent] = []
    var end = 0
    while end < size {
      let start = lseek(descriptor, end, PB_SEEK_DATA)
      if start < 0 { return errno == ENXIO ? extents : whole }
      let hole = lseek(descriptor, start, PB_SEEK_HOLE)
      guard start >= end, hole > start else { return whole }
      if start >= size { break }
      end = min(hole, size)
      extents.append(FileExtent(offset: start, sourceOffset: start, count: end - start))
    }
    return extents
  }
}

/// The files that were read last, still open: a large one is read in many pieces.
final class RecentFiles: Sendable {
  /// More than processors read at once, and far fewer than a process may open (1,024 where nobody set it higher).
  private static let limit = 32

  /// The one that was used last is last.
  private let files = Mutex<[FileSource]>([])

  /// The file at `path`, opened unless it is still open.
  func source(_ path: FilePath) throws(IOError) -> FileSource {
    if let known = take(path) {
      keep(known)
      return known
    }
    let source = try FileSource(path)
    keep(source)
    return source
  }

  /// Lets go of the file at `path`.
  func forget(_ path: FilePath) { _ = take(path) }

  private func take(_ path: FilePath) -> FileSource? {
    files.withLock { files in files.lastIndex { $0.path == path }.map { files.remove(at: $0) } }
  }

  private func keep(_ source: FileSource) {
    // The oldest is closed behind the lock.
    _ = files.withLock { files -> FileSource? in
      files.append(source)
      return files.count > Self.limit ? files.removeFirst() : nil
    }
  }
}

extension DeviceNumber {
  /// The device of `st_rdev`.
  init(_ device: UInt) {
    self.init(major: pb_major(UInt64(device)), minor: pb_minor(UInt64(device)))
  }
}
