import CLinux
import FileTree
import Glibc
import HostFiles
import Storage
import struct SystemPackage.Errno
import struct SystemPackage.FileDescriptor
import struct SystemPackage.FilePath

/// Takes the steps of a snapshot in a subvolume of this machine, as `btrfs receive` would.
///
/// Every name on the way is opened as a directory and not as a link, so no step can lead outside.
struct OperationApplier {
  /// The subvolume's root.
  let root: FilePath
  /// The root of the subvolume that it is a snapshot of.
  let parent: FilePath

  /// Takes `operation`.
  func apply(_ operation: Operation) throws(IOError) {
    switch operation {
    case .makeFile(let path): try at(path) { folder, name throws(IOError) in _ = try folder.makeFile(name) }
    case .makeDirectory(let path): try at(path) { folder, name throws(IOError) in try folder.makeFolder(name) }
    case .makeNode(let path, let type, let device): try makeNode(path, type, device)
    case .makeFifo(let path): try makeNode(path, UInt32(S_IFIFO), DeviceNumber(major: 0, minor: 0))
    case .makeSocket(let path): try makeNode(path, UInt32(S_IFSOCK), DeviceNumber(major: 0, minor: 0))
    case .makeSymlink(let path, let target):
      try at(path) { folder, name throws(IOError) in try folder.makeLink(name, to: target) }
    case .link(let path, let existing):
      try at(existing) { from, old throws(IOError) in
        try at(path) { folder, name throws(IOError) in try folder.makeHardLink(name, to: old, in: from) }
      }
    case .unlink(let path):
      try at(path) { folder, name throws(IOError) in try folder.remove(name, isFolder: false) }
    case .removeDirectory(let path):
      try at(path) { folder, name throws(IOError) in try folder.remove(name, isFolder: true) }
    case .setAttribute(let path, let attribute):
      try at(path) { folder, name throws(IOError) in try folder.setAttribute(name, attribute, losses: nil) }
    case .removeAttribute(let path, let attribute):
      try at(path) { folder, name throws(IOError) in try folder.removeAttribute(name, attribute) }
    case .setMode(let path, let mode): try at(path) { folder, name throws(IOError) in try folder.setMode(name, mode) }
    case .setOwner(let path, let uid, let gid):
      try at(path) { folder, name throws(IOError) in try folder.setOwner(name, uid: uid, gid: gid) }
    case .setTimes(let path, let accessed, let modified, _):
      try at(path) { folder, name throws(IOError) in
        try folder.setTimes(name, accessed: accessed, modified: modified)
      }
    case .write(let path, let range): try write(range, to: path)
    case .truncate(let path, let size): try truncate(path, to: size)
    case .clone(let path, let source, _): try clone(source, to: path)
    }
  }

  private func makeNode(_ path: [UInt8], _ type: UInt32, _ device: DeviceNumber) throws(IOError) {
    try at(path) { folder, name throws(IOError) in try folder.makeNode(name, type: type, device: device) }
  }

  private func write(_ range: DataRange, to path: [UInt8]) throws(IOError) {
    try open(path) { descriptor, name throws(IOError) in
      var rest = range
      var bytes = [UInt8](repeating: 0, count: min(range.count, 1 << 20))
      while rest.count > 0 {
        let part = rest.split(at: 1 << 20)
        try part.read(into: &bytes, at: 0)
        do {
          _ = try descriptor.writeAll(toAbsoluteOffset: Int64(part.offset), bytes[..<part.count])
        } catch {
          throw IOError(name, "write", error as? Errno ?? .ioError)
        }
      }
    }
  }

  private func truncate(_ path: [UInt8], to size: Int) throws(IOError) {
    try open(path) { descriptor, name throws(IOError) in
      do { try descriptor.resize(to: Int64(size)) } catch {
        throw IOError(name, "resize", error as? Errno ?? .ioError)
      }
    }
  }

  /// Shares the extents of the parent's file.
  private func clone(_ source: [UInt8], to path: [UInt8]) throws(IOError) {
    try OperationApplier(root: parent, parent: parent).at(source) { from, old throws(IOError) in
      let file = try from.file(old)
      defer { try? file.close() }
      try open(path) { descriptor, name throws(IOError) in
        let result = pb_ficlone(descriptor.rawValue, file.rawValue)
        if result < 0 { throw IOError(name, "clone", Errno(rawValue: -result)) }
      }
    }
  }

  private func open(
    _ path: [UInt8], _ body: (FileDescriptor, FilePath) throws(IOError) -> Void
  ) throws(IOError) {
    try at(path) { folder, name throws(IOError) in
      let descriptor = try folder.fileForWriting(name)
      defer { try? descriptor.close() }
      try body(descriptor, folder.path.appending(name.escaped))
    }
  }

  /// Calls `body` with the folder that holds `path`, and the name in it; the subvolume's root is `.` in itself.
  private func at(
    _ path: [UInt8], _ body: (borrowing FolderHandle, [UInt8]) throws(IOError) -> Void
  ) throws(IOError) {
    var names = path.split(separator: 0x2F).map(Array.init)
    let last = names.popLast() ?? [0x2E]
    var folder = try FolderHandle(root)
    for name in names { folder = try folder.folder(name) }
    try body(folder, last)
  }
}
