import Bytes
import CLinux
import FileTree
import Glibc
import HostFiles
import Storage
import struct SystemPackage.Errno
import struct SystemPackage.FileDescriptor
import struct SystemPackage.FilePath

/// A folder of a mounted btrfs, in which subvolumes appear whole or not at all: what `btrfs receive` would make of
/// streams, made at once, by the kernel's own calls.
///
/// A subvolume is made under a temporary name, sealed read-only with its received UUID, and renamed. Only root may.
@safe package final class SubvolumeFolder: Sendable {
  private let path: FilePath
  private let descriptor: FileDescriptor

  /// The folder at `path`.
  ///
  /// - Throws: `BtrfsError.place` if it is not on a btrfs.
  package init(_ path: FilePath) throws(BtrfsError) {
    do {
      descriptor = try FileDescriptor.open(path, .readOnly, options: [.directory, .closeOnExec])
    } catch {
      throw .io(IOError(path, "open", error as? Errno ?? .ioError))
    }
    self.path = path
    guard pb_btrfs_is(descriptor.rawValue) == 1 else {
      try? descriptor.close()
      throw .place("\(path): not on a btrfs", hint: "choose an --output on one, or write send streams: btrfs-stream")
    }
  }

  deinit { try? descriptor.close() }

  /// Makes `subvolume`, whose stream is `stream`, under `name`; nothing is done where it is there already.
  package func make(_ subvolume: Subvolume, _ stream: SendStream, as name: String) throws(BtrfsError) {
    try appear(stream, as: name, from: nil) { path throws(IOError) in
      for part in subvolume.parts {
        let folder = path.appending(part.folder.description)
        try FolderHandle(path).makeFolder(part.folder.bytes)
        try FolderWriter(part.tree.flavor == .fat ? .plain : .full).write(part.tree, into: folder)
      }
      let folder = try FolderHandle(path)
      try folder.setOwner([0x2E], uid: 0, gid: 0)
      try folder.setMode([0x2E], subvolume.top.mode)
      try folder.setTimes([0x2E], accessed: subvolume.time, modified: subvolume.time)
    }
  }

  /// Makes the snapshot of `parent`, which lies in this folder, that `stream` tells of, under `name`; one of an earlier
  /// run is replaced.
  package func make(_ stream: SendStream, snapshotOf parent: String, as name: String) throws(BtrfsError) {
    try appear(stream, as: name, from: parent) { path throws(IOError) in
      let applier = OperationApplier(root: path, parent: self.path.appending(parent))
      try stream.apply(applier)
    }
  }

  /// Whether the subvolume that `stream` makes is here under `name`, as it was made.
  package func holds(_ stream: SendStream, as name: String) -> Bool { seal(of: name) == stream.identity.uuid }

  private func appear(
    _ stream: SendStream, as name: String, from parent: String?, _ fill: (FilePath) throws(IOError) -> Void
  ) throws(BtrfsError) {
    let isThere = unsafe faccessat(descriptor.rawValue, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0
    if isThere {
      guard let seal = self.seal(of: name) else {
        throw .place("\(path.appending(name)): is there, and not a sealed subvolume", hint: "remove it or rename it")
      }
      if seal == stream.identity.uuid { return }
    }
    let partial = ".\(name).partial-\(getpid())"
    try removeLeftovers(of: name)
    var isPublished = false
    try BtrfsError.wrapping { () throws(IOError) in
      if let parent {
        let source = try open(parent)
        defer { try? source.close() }
        try check(unsafe pb_btrfs_snapshot(descriptor.rawValue, partial, source.rawValue), partial, "create")
      } else {
        try check(unsafe pb_btrfs_create(descriptor.rawValue, partial), partial, "create")
      }
      // What is half done goes; after an exchange, what was replaced has this name.
      defer { if !isPublished || isThere { _ = unsafe pb_btrfs_destroy(descriptor.rawValue, partial) } }
      let subvolume = try open(partial)
      defer { try? subvolume.close() }
      _ = flock(subvolume.rawValue, LOCK_EX | LOCK_NB)
      try fill(path.appending(partial))
      try seal(subvolume, stream.identity, partial)
      let flags = UInt32(isThere ? PB_RENAME_EXCHANGE : PB_RENAME_NOREPLACE)
      let folder = descriptor.rawValue
      try check(unsafe pb_renameat2(folder, partial, folder, name, flags), name, "publish")
      isPublished = true
    }
  }

  /// Gives the subvolume its received UUID and makes it read-only: in this order, because the other is refused.
  private func seal(_ subvolume: FileDescriptor, _ identity: Identity, _ name: String) throws(IOError) {
    let uuid = identity.uuid.bytes
    try check(unsafe pb_btrfs_set_received(subvolume.rawValue, uuid, Identity.generation), name, "mark")
    try check(pb_btrfs_set_readonly(subvolume.rawValue, 1), name, "seal")
    try check(pb_syncfs(subvolume.rawValue), name, "sync")
  }

  /// The received UUID of a read-only subvolume, which holds nobody's own work; nil for anything else.
  private func seal(of name: String) -> UUID? {
    guard let subvolume = try? open(name) else { return nil }
    defer { try? subvolume.close() }
    var uuid = [UInt8](repeating: 0, count: 16)
    guard pb_btrfs_is_readonly(subvolume.rawValue) == 1, unsafe pb_btrfs_received(subvolume.rawValue, &uuid) == 0,
      !uuid.span.isZero
    else { return nil }
    return UUID(bytes: uuid.span)
  }

  private func removeLeftovers(of name: String) throws(BtrfsError) {
    let names = try BtrfsError.wrapping { () throws(IOError) in try FolderListing.names(in: path) }
    for entry in names where entry.hasPrefix(".\(name).partial-") {
      guard let leftover = try? open(entry) else { continue }
      defer { try? leftover.close() }
      // A run that lives holds the lock.
      if flock(leftover.rawValue, LOCK_EX | LOCK_NB) == 0 { _ = unsafe pb_btrfs_destroy(descriptor.rawValue, entry) }
    }
  }

  private func open(_ name: String) throws(IOError) -> FileDescriptor {
    let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
    let result = unsafe openat(descriptor.rawValue, name, flags)
    guard result >= 0 else { throw IOError(path.appending(name), "open", Errno(rawValue: errno)) }
    return FileDescriptor(rawValue: result)
  }

  private func check(_ result: Int32, _ name: String, _ operation: String) throws(IOError) {
    guard result >= 0 else { throw IOError(path.appending(name), operation, Errno(rawValue: -result)) }
  }
}
