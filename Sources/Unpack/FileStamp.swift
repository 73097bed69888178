import Glibc
import Storage
import SystemPackage

/// What the system says of a file's content without reading it: if it is the same, so is the content.
struct FileStamp: Hashable, Sendable {
  /// A time of a file.
  struct Time: Hashable, Sendable, Comparable, CustomStringConvertible {
    let seconds: Int
    let nanoseconds: Int

    static func < (left: Self, right: Self) -> Bool {
      (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }

    var description: String { "\(seconds).\(nanoseconds)" }
  }

  let device: UInt64
  let inode: UInt64
  let size: Int
  /// When the content was last written.
  let modified: Time
  /// When content or attributes were last changed, which no program can set back.
  let changed: Time

  /// The stamp of the open file `descriptor`; nil unless it is a regular file: devices have no such times.
  init?(_ descriptor: FileDescriptor, path: FilePath) throws(IOError) {
    let status: Stat
    do {
      status = try descriptor.stat()
    } catch {
      throw IOError(path, "stat", error)
    }
    if status.type == .directory { throw IOError(path, "read", .isDirectory) }
    guard status.type == .regular else { return nil }
    device = UInt64(status.rawValue.st_dev)
    inode = UInt64(status.rawValue.st_ino)
    size = Int(status.size)
    modified = Time(seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec)
    changed = Time(seconds: status.st_ctim.tv_sec, nanoseconds: status.st_ctim.tv_nsec)
  }

  /// Whether a write that comes from now on must change the stamp, if the file's times go in ticks of so many seconds.
  ///
  /// Two writes in one tick leave the same stamp; git calls such files racy.
  func isSettled(tick: Int) -> Bool {
    var now = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &now)
    return changed < Time(seconds: now.tv_sec - tick, nanoseconds: now.tv_nsec)
  }
}
