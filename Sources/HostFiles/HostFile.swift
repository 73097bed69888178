import CLinux
import FileTree
import Glibc
import Storage
import Synchronization
import struct SystemPackage.FilePath

/// A file of this machine that is opened only while it is read: a tree may hold more files than a process may open.
///
/// What is opened must be the file that was examined, unchanged: a link or another file in its place is an error.
package final class HostFile: ByteSource {
  private let entry: [UInt8]
  private let folder: Int
  private let folders: HostFolders
  private let stamp: FileStamp
  private let recent: RecentFiles

  /// The file called `entry` in the folder `folder` of `folders`, which had this stamp when it was examined.
  init(_ entry: [UInt8], in folder: Int, of folders: HostFolders, stamp: FileStamp, keptOpenBy recent: RecentFiles) {
    self.entry = entry
    self.folder = folder
    self.folders = folders
    self.stamp = stamp
    self.recent = recent
  }

  package var size: Int { stamp.size }
  package var name: String { path.description }
  private var path: FilePath { folders.path(of: entry, in: folder) }

  package func read(at offset: Int, into buffer: inout MutableSpan<UInt8>) throws(IOError) {
    if offset == 0 && buffer.count == size { return try open().read(at: 0, into: &buffer) }
    let source: FileSource
    if let known = recent.take(stamp) { source = known } else { source = try open() }
    try source.read(at: offset, into: &buffer)
    // Who reads from end to end wants no more of it.
    if offset + buffer.count < size { recent.keep(source, stamp) }
  }

  /// The parts of the file that are no holes, as the file system tells; one that does not tell has none.
  func extents() -> [FileExtent] {
    let whole = [FileExtent(offset: 0, sourceOffset: 0, count: size)]
    // What cannot be opened fails when its content is asked for.
    guard let file = try? open() else { return whole }
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

  private func open() throws(IOError) -> FileSource {
    let path = path
    let source = try FileSource(opened: try folders.open(entry, in: folder), path: path)
    guard try FileStamp(source.descriptor, path: path) == stamp else {
      throw IOError(path: path.description, operation: "read", cause: .message("it was changed since it was listed"))
    }
    return source
  }
}

/// The files that were read last, still open: a large one is read in many pieces.
final class RecentFiles: Sendable {
  /// More than processors read at once, and far fewer than a process may open (1,024 where nobody set it higher).
  private static let limit = 32

  private struct Open {
    let source: FileSource
    let stamp: FileStamp
  }

  /// The one that was used last is last.
  private let files = Mutex<[Open]>([])

  /// Removes and returns the open file with this stamp; nil if it is not open. The caller may keep it again after use.
  func take(_ stamp: FileStamp) -> FileSource? {
    files.withLock { files in files.lastIndex { $0.stamp == stamp }.map { files.remove(at: $0).source } }
  }

  /// Keeps `source`, which has this stamp, open for a while.
  func keep(_ source: FileSource, _ stamp: FileStamp) {
    // The oldest is closed after the lock.
    _ = files.withLock { files -> Open? in
      files.append(Open(source: source, stamp: stamp))
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
