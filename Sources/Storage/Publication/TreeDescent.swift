import Glibc
import SystemPackage

/// A walk through a folder of this machine and all beneath it, folders after what they hold. It follows no link, and holds one
/// folder open at a time, so that no depth ends it.
struct TreeDescent: ~Copyable {
  /// What stands in a folder and is no folder: the open folder, and the name in it.
  typealias Leaf = (_ folder: Int32, _ name: [UInt8], _ type: UInt32) throws(IOError) -> Void
  /// A folder whose entries are done: it is still open, and its name in the folder above follows.
  typealias Folder = (_ folder: Int32) throws(IOError) -> Void
  /// A folder that was left: the folder above it, and its name.
  typealias Left = (_ parent: Int32, _ name: [UInt8]) throws(IOError) -> Void

  private struct Level {
    let name: [UInt8]
    /// The folder above, which `..` must be again.
    let device: dev_t
    let inode: ino_t
    /// The folders above that are still to be visited.
    let pending: [[UInt8]]
  }

  private var current: Int32
  private var levels: [Level] = []
  private let path: FilePath

  /// A walk through the open folder `folder`, called `path` in messages.
  init(_ folder: FileDescriptor, path: FilePath) throws(IOError) {
    current = unsafe openat(folder.rawValue, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    self.path = path
    guard current >= 0 else { throw IOError(path, "open", Errno(rawValue: errno)) }
  }

  deinit { close(current) }

  /// Walks.
  mutating func walk(leaf: Leaf, folder: Folder, left: Left) throws(IOError) {
    var pending = try visit(leaf)
    while true {
      if let name = pending.popLast() {
        guard try enter(name, pending) else { continue }
        pending = try visit(leaf)
        continue
      }
      try folder(current)
      guard let level = levels.popLast() else { return }
      try leave(to: level)
      try left(current, level.name)
      pending = level.pending
    }
  }

  /// Gives the leaves of the current folder to `leaf`.
  ///
  /// - Returns: the names of its folders.
  private func visit(_ leaf: Leaf) throws(IOError) -> [[UInt8]] {
    var folders: [[UInt8]] = []
    for name in try entryNames(of: current, path: path) {
      var status = stat()
      let error = unsafe withCName(name) { name in
        failure { unsafe fstatat(current, name, &status, AT_SYMLINK_NOFOLLOW) }
      }
      // Somebody else may be removing it too.
      if error == .noSuchFileOrDirectory { continue }
      if let error { throw IOError(path, "examine what is in", error) }
      let type = UInt32(status.st_mode & S_IFMT)
      if type == UInt32(S_IFDIR) { folders.append(name) } else { try leaf(current, name, type) }
    }
    return folders
  }

  private mutating func enter(_ name: [UInt8], _ pending: [[UInt8]]) throws(IOError) -> Bool {
    let above = try status()
    let inner = unsafe withCName(name) { unsafe openat(current, $0, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) }
    guard inner >= 0 else {
      if errno == ENOENT { return false }
      throw IOError(path, "open a folder in", Errno(rawValue: errno))
    }
    levels.append(Level(name: name, device: above.st_dev, inode: above.st_ino, pending: pending))
    close(current)
    current = inner
    return true
  }

  private mutating func leave(to level: Level) throws(IOError) {
    let above = unsafe openat(current, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard above >= 0 else { throw IOError(path, "open a folder in", Errno(rawValue: errno)) }
    close(current)
    current = above
    let status = try status()
    guard status.st_dev == level.device, status.st_ino == level.inode else {
      throw IOError(path: path.description, operation: "walk", cause: .message("a folder was moved meanwhile"))
    }
  }

  private func status() throws(IOError) -> stat {
    var status = stat()
    guard unsafe fstat(current, &status) == 0 else { throw IOError(path, "examine", Errno(rawValue: errno)) }
    return status
  }
}
