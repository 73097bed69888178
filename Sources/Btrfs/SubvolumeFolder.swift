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
  private let folder: HeldFolder
  private var path: FilePath { folder.path }

  /// The folder at `path`.
  ///
  /// - Throws: `BtrfsError.place` if it is not on a btrfs.
  package init(_ path: FilePath) throws(BtrfsError) {
    folder = try BtrfsError.wrapping { () throws(IOError) in try HeldFolder(path) }
    guard pb_btrfs_is(folder.descriptor.rawValue) == 1 else {
      throw .place("\(path): not on a btrfs", hint: "choose an --output on one, or write send streams: btrfs-stream")
    }
  }

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
    let isThere = try BtrfsError.wrapping { () throws(IOError) in try folder.status(name) != nil }
    if isThere {
      guard let seal = self.seal(of: name) else {
        throw .place("\(path.appending(name)): is there, and not a sealed subvolume", hint: "remove it or rename it")
      }
      if seal == stream.identity.uuid { return }
    }
    try BtrfsError.wrapping { () throws(IOError) in
      let making = SubvolumeFolder.making(from: parent)
      try Leftovers.remove(from: folder, by: making)
      var subvolume = try Publication(folder: name, in: folder, by: making)
      try fill(subvolume.path)
      try seal(subvolume.descriptor, stream.identity, name)
      try subvolume.publish(
        mode: nil, replacing: .proven { [self] (_, name) throws(IOError) in try checkSealed(name) })
    }
  }

  /// How subvolumes in the making are made and removed: empty, or as snapshots of `parent`.
  private static func making(from parent: String?) -> FolderMaking {
    FolderMaking { (folder, name) throws(IOError) in
      let number = folder.descriptor.rawValue
      if let parent {
        let source = try folder.folder(parent)
        // Its descriptor is open as long as the value lives.
        try withExtendedLifetime(source) { () throws(IOError) in
          try check(unsafe pb_btrfs_snapshot(number, name, source.descriptor.rawValue), folder, name, "create")
        }
      } else {
        try check(unsafe pb_btrfs_create(number, name), folder, name, "create")
      }
    } remove: { (folder, name) throws(IOError) in
      // What another command left beside it may be a plain folder.
      guard unsafe pb_btrfs_destroy(folder.descriptor.rawValue, name) < 0 else { return }
      try TreeRemoval.remove(Array(name.utf8), in: folder)
    }
  }

  /// Throws if what is called `name` may hold somebody's own work.
  private func checkSealed(_ name: String) throws(IOError) {
    guard seal(of: name) == nil else { return }
    throw IOError(
      path: path.appending(name).description, operation: "replace",
      cause: .refused("is there, and not a sealed subvolume", hint: "remove it or rename it"))
  }

  /// Gives the subvolume its received UUID and makes it read-only: in this order, because the other is refused.
  private func seal(_ subvolume: FileDescriptor, _ identity: Identity, _ name: String) throws(IOError) {
    let uuid = identity.uuid.bytes
    let number = subvolume.rawValue
    try Self.check(unsafe pb_btrfs_set_received(number, uuid, Identity.generation), folder, name, "mark")
    try Self.check(pb_btrfs_set_readonly(number, 1), folder, name, "seal")
  }

  /// The received UUID of a read-only subvolume, which holds nobody's own work; nil for anything else.
  private func seal(of name: String) -> UUID? {
    guard let held = try? folder.folder(name) else { return nil }
    // The descriptor is the held folder's.
    defer { withExtendedLifetime(held) {} }
    let subvolume = held.descriptor
    var uuid = [UInt8](repeating: 0, count: 16)
    guard pb_btrfs_is_readonly(subvolume.rawValue) == 1, unsafe pb_btrfs_received(subvolume.rawValue, &uuid) == 0,
      !uuid.span.isZero
    else { return nil }
    return UUID(bytes: uuid.span)
  }

  private static func check(
    _ result: Int32, _ folder: HeldFolder, _ name: String, _ operation: String
  ) throws(IOError) {
    guard result >= 0 else { throw IOError(folder.path.appending(name), operation, Errno(rawValue: -result)) }
  }
}
