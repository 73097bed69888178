import CLinux
import FileTree
import Glibc
import Storage
import struct SystemPackage.FilePath

/// Reads a folder of this machine as a tree: owners, modes, times, links, devices and extended attributes as they are.
///
/// Contents are read when they are needed, beneath the folder that was opened at first. Other file systems mounted beneath
/// are not entered.
package struct FolderReader {
  private let root: FilePath

  /// A reader of the folder at `path`.
  package init(_ path: FilePath) { root = path }

  /// The tree.
  ///
  /// - Throws: `IOError` if something in the folder cannot be read.
  package func tree() throws(IOError) -> FileTree {
    let folder = try FolderHandle(root)
    let status = try folder.status()
    var walk = FolderWalk(
      HostFolders(try folder.folder(at: [])), device: status.st_dev,
      tree: FileTree(inode: inode(status, .directory(Directory()), try folder.attributes([0x2E]))))
    let names = try folder.names()
    try walk.read(folder, names)
    return walk.tree
  }

  /// The tree of one file, folder or link: a root directory with just that under its own name.
  package func subtree() throws(IOError) -> FileTree {
    guard let name = root.lastComponent, let bytes = Name(name.bytes) else { return try tree() }
    let parent = root.removingLastComponent()
    let folder = try FolderHandle(parent.isEmpty ? "." : parent)
    let top = try folder.status()
    let device = try folder.status(bytes.bytes).st_dev
    var walk = FolderWalk(
      HostFolders(try folder.folder(at: [])), device: device,
      tree: FileTree(inode: inode(top, .directory(Directory()), [])))
    try walk.read(folder, [bytes.bytes])
    return walk.tree
  }
}

/// One reading of a folder and all beneath it. It holds one folder open at a time, so that no depth ends it.
private struct FolderWalk {
  /// A file with several names, as this machine knows it.
  private struct Shared: Hashable {
    let device: dev_t
    let inode: ino_t
  }

  /// A folder that is in the tree, and is to be read.
  private struct Pending {
    let name: [UInt8]
    let id: InodeID
  }

  /// A folder whose folders are being read.
  private struct Level {
    let number: Int
    let device: dev_t
    let inode: ino_t
    var pending: [Pending]
  }

  var tree: FileTree
  private let device: dev_t
  private let folders: HostFolders
  private var shared: [Shared: InodeID] = [:]
  private let recent = RecentFiles()

  init(_ folders: HostFolders, device: dev_t, tree: FileTree) {
    self.folders = folders
    self.device = device
    self.tree = tree
  }

  /// Reads what the names `names` of `folder` stand for into the root of the tree, and all beneath them.
  mutating func read(_ folder: consuming FolderHandle, _ names: [[UInt8]]) throws(IOError) {
    var current = folder
    var levels = [try level(HostFolders.top, current, names, into: tree.root)]
    while let last = levels.indices.last {
      if let next = levels[last].pending.popLast() {
        let number = folders.add(next.name, in: levels[last].number)
        current = try current.folder(next.name, calledBy: { [folders] in folders.path(of: number) })
        levels.append(try level(number, current, try current.names(), into: next.id))
      } else {
        levels.removeLast()
        guard let above = levels.last else { break }
        current = try current.folder([0x2E, 0x2E], calledBy: { [folders] in folders.path(of: above.number) })
        let status = try current.status()
        guard status.st_dev == above.device, status.st_ino == above.inode else {
          throw IOError(
            path: current.path.description, operation: "walk", cause: .message("a folder was moved meanwhile"))
        }
      }
    }
  }

  /// Adds what `names` of the open folder stand for to the directory `id`.
  private mutating func level(
    _ number: Int, _ folder: borrowing FolderHandle, _ names: [[UInt8]], into parent: InodeID
  ) throws(IOError) -> Level {
    var directory = Directory()
    let status = try folder.status()
    var level = Level(number: number, device: status.st_dev, inode: status.st_ino, pending: [])
    for name in names.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
      let status = try folder.status(name)
      let isFolder = status.st_mode & S_IFMT == S_IFDIR
      let key = status.st_nlink > 1 && !isFolder ? Shared(device: status.st_dev, inode: status.st_ino) : nil
      if let key, let id = shared[key] {
        directory.appendUnsorted(name.span, id)
        continue
      }
      let id = tree.add(inode(status, try body(name, status, of: folder, number), try folder.attributes(name)))
      if let key { shared[key] = id }
      directory.appendUnsorted(name.span, id)
      if isFolder && status.st_dev == device { level.pending.append(Pending(name: name, id: id)) }
    }
    level.pending.reverse()
    // A folder of this machine has no name twice.
    _ = directory.sort()
    tree[parent]?.body = .directory(directory)
    return level
  }

  private func body(
    _ name: [UInt8], _ status: stat, of folder: borrowing FolderHandle, _ number: Int
  ) throws(IOError) -> Inode.Body {
    switch status.st_mode & S_IFMT {
    case S_IFDIR: return .directory(Directory())
    case S_IFLNK: return .symlink(try folder.linkTarget(name))
    case S_IFCHR: return .characterDevice(DeviceNumber(status.st_rdev))
    case S_IFBLK: return .blockDevice(DeviceNumber(status.st_rdev))
    case S_IFIFO: return .fifo
    case S_IFSOCK: return .socket
    default:
      guard let stamp = FileStamp(status), stamp.size > 0 else { return .file(FileContent(bytes: [])) }
      let source = HostFile(name, in: number, of: folders, stamp: stamp, keptOpenBy: recent)
      // st_blocks counts 512 bytes each: what takes as much as it holds has no holes, and need not be opened.
      guard status.st_blocks * 512 < status.st_size else {
        let whole = FileExtent(offset: 0, sourceOffset: 0, count: stamp.size)
        return .file(FileContent(size: stamp.size, source: source, extent: whole))
      }
      return .file(FileContent(size: stamp.size, source: source, extents: source.extents()))
    }
  }
}

/// The inode that `status` describes.
private func inode(_ status: stat, _ body: Inode.Body, _ xattrs: [ExtendedAttribute]) -> Inode {
  var inode = Inode(
    mode: UInt16(status.st_mode & 0o7777), uid: status.st_uid, gid: status.st_gid,
    time: Timestamp(status.st_mtim), body: body)
  inode.accessed = Timestamp(status.st_atim)
  inode.changed = Timestamp(status.st_ctim)
  inode.created = nil
  inode.xattrs = xattrs
  return inode
}

extension Timestamp {
  fileprivate init(_ time: timespec) {
    self.init(seconds: Int64(time.tv_sec), nanoseconds: UInt32(time.tv_nsec))
  }
}
