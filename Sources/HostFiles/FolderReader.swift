import CLinux
import FileTree
import Glibc
import Storage
import struct SystemPackage.FilePath

/// Reads a folder of this machine as a tree: owners, modes, times, links, devices and extended attributes as they are.
///
/// Contents are read when they are needed. Other file systems mounted beneath are not entered.
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
    var walk = Walk(
      device: status.st_dev,
      tree: FileTree(inode: inode(status, .directory(Directory()), try folder.attributes([0x2E]))))
    try walk.read(folder, into: walk.tree.root)
    return walk.tree
  }

  /// The tree of one file, folder or link: a root directory with just that under its own name.
  package func subtree() throws(IOError) -> FileTree {
    guard let name = root.lastComponent, let bytes = Name(name.bytes) else { return try tree() }
    let parent = root.removingLastComponent()
    let folder = try FolderHandle(parent.isEmpty ? "." : parent)
    let top = try folder.status()
    var walk = Walk(device: top.st_dev, tree: FileTree(inode: inode(top, .directory(Directory()), [])))
    walk.device = try folder.status(bytes.bytes).st_dev
    try walk.read([bytes.bytes], of: folder, into: walk.tree.root)
    return walk.tree
  }
}

/// One reading of a folder.
private struct Walk {
  var device: dev_t
  var tree: FileTree
  /// The inodes of files with several names, by their number on this machine.
  private var shared: [ino_t: InodeID] = [:]
  private let recent = RecentFiles()

  init(device: dev_t, tree: FileTree) {
    self.device = device
    self.tree = tree
  }

  mutating func read(_ folder: borrowing FolderHandle, into parent: InodeID) throws(IOError) {
    try read(try folder.names().sorted { $0.lexicographicallyPrecedes($1) }, of: folder, into: parent)
  }

  /// As deep as folders are: the limit of open files ends it long before the stack does.
  mutating func read(_ names: [[UInt8]], of folder: borrowing FolderHandle, into parent: InodeID) throws(IOError) {
    var directory = Directory()
    for name in names {
      let status = try folder.status(name)
      let isShared = status.st_nlink > 1 && status.st_mode & S_IFMT != S_IFDIR
      if isShared, let id = shared[status.st_ino] {
        directory.appendUnsorted(name.span, id)
        continue
      }
      let id = tree.add(inode(status, try body(name, status, in: folder), try folder.attributes(name)))
      if isShared { shared[status.st_ino] = id }
      directory.appendUnsorted(name.span, id)
      if status.st_mode & S_IFMT == S_IFDIR && status.st_dev == device {
        try read(try folder.folder(name), into: id)
      }
    }
    // A folder of this machine has no name twice.
    _ = directory.sort()
    tree[parent]?.body = .directory(directory)
  }

  private func body(
    _ name: [UInt8], _ status: stat, in folder: borrowing FolderHandle
  ) throws(IOError) -> Inode.Body {
    switch status.st_mode & S_IFMT {
    case S_IFDIR: return .directory(Directory())
    case S_IFLNK: return .symlink(try folder.linkTarget(name))
    case S_IFCHR: return .characterDevice(DeviceNumber(status.st_rdev))
    case S_IFBLK: return .blockDevice(DeviceNumber(status.st_rdev))
    case S_IFIFO: return .fifo
    case S_IFSOCK: return .socket
    default:
      let size = Int(status.st_size)
      guard size > 0 else { return .file(FileContent(bytes: [])) }
      let path = folder.child(name)
      let source = HostFile(path, size: size, keptOpenBy: recent)
      // st_blocks counts 512 bytes each: what takes as much as it holds has no holes, and need not be opened.
      guard status.st_blocks * 512 < status.st_size else {
        return .file(
          FileContent(size: size, source: source, extent: FileExtent(offset: 0, sourceOffset: 0, count: size)))
      }
      return .file(FileContent(size: size, source: source, extents: HostFile.extents(of: path, size: size)))
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
