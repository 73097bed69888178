import Glibc
import SystemPackage

/// What the system tells of a file's content without reading it: while the stamp is the same, so is the content.
package struct FileStamp: Hashable, Sendable, CustomStringConvertible {
  /// A time of a file.
  package struct Time: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let seconds: Int
    package let nanoseconds: Int

    package init(seconds: Int, nanoseconds: Int) {
      self.seconds = seconds
      self.nanoseconds = nanoseconds
    }

    init(_ time: timespec) { self.init(seconds: time.tv_sec, nanoseconds: time.tv_nsec) }

    package static func < (left: Self, right: Self) -> Bool {
      (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }

    package var description: String { "\(seconds).\(nanoseconds)" }
  }

  package let device: UInt64
  package let inode: UInt64
  /// In bytes.
  package let size: Int
  /// When the content was last written.
  package let modified: Time
  /// When content or attributes were last changed. No program can set it back, so a change that was undone shows too.
  package let changed: Time

  /// The stamp of the open file `descriptor`, called `path` in messages; nil for a block device, which has no such times.
  package init?(_ descriptor: FileDescriptor, path: FilePath) throws(IOError) {
    var status = stat()
    guard unsafe fstat(descriptor.rawValue, &status) == 0 else { throw IOError(path, "stat", Errno(rawValue: errno)) }
    self.init(status)
  }

  /// The stamp of the file at `path`; nil if it is not a regular file, or nothing is there.
  init?(_ path: FilePath) {
    var status = stat()
    guard unsafe path.withPlatformString({ unsafe stat($0, &status) }) == 0 else { return nil }
    self.init(status)
  }

  /// The stamp in `status`; nil unless that is of a regular file.
  package init?(_ status: stat) {
    guard status.st_mode & S_IFMT == S_IFREG else { return nil }
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
    size = Int(status.st_size)
    modified = Time(status.st_mtim)
    changed = Time(status.st_ctim)
  }

  /// Whether any later write must change the stamp, on a file system whose times advance every `tick` seconds.
  ///
  /// Two writes within one tick leave the same stamp; git calls such files racy.
  package func isSettled(tick: Int) -> Bool {
    var now = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &now)
    return changed < Time(seconds: now.tv_sec - tick, nanoseconds: now.tv_nsec)
  }

  /// One line: size, both times, device and inode.
  package var description: String { "\(size) \(modified) \(changed) \(device) \(inode)" }
}
