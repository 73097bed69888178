import CLinux
import FileTree
import Glibc
import Storage
import struct SystemPackage.Errno

// What makes, moves, removes and marks entries.
extension FolderHandle {
  /// Makes the file called `name`, which must not be there, and opens it for writing; only its owner may touch it.
  package func makeFile(_ name: [UInt8]) throws(IOError) -> NewFile {
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
    let result = try unsafe call("create", name) { unsafe openat(descriptor, $0, flags, 0o600) }
    return NewFile(descriptor: result, folder: path, name: name)
  }

  /// Makes the folder called `name`; only its owner may enter it.
  package func makeFolder(_ name: [UInt8]) throws(IOError) {
    _ = try unsafe call("create", name) { unsafe mkdirat(descriptor, $0, 0o700) }
  }

  /// Makes a symbolic link called `name`.
  package func makeLink(_ name: [UInt8], to target: [UInt8]) throws(IOError) {
    _ = try unsafe call("create", name) { link in
      unsafe withCString(target) { unsafe symlinkat($0, descriptor, link) }
    }
  }

  /// Makes a device, fifo or socket called `name`: `type` is the file type's bits of `st_mode`.
  package func makeNode(_ name: [UInt8], type: UInt32, device: DeviceNumber) throws(IOError) {
    let number = pb_makedev(device.major, device.minor)
    _ = try unsafe call("create", name) { unsafe mknodat(descriptor, $0, type | 0o600, dev_t(number)) }
  }

  /// Gives the file called `other` in the folder `folder` one name more here.
  package func makeHardLink(_ name: [UInt8], to other: [UInt8], in folder: borrowing FolderHandle) throws(IOError) {
    let from = folder.descriptor
    _ = try unsafe call("link", name) { link in
      unsafe withCString(other) { unsafe linkat(from, $0, descriptor, link, 0) }
    }
  }

  /// Moves what is called `name` into the folder `folder`, under the same name, in place of what is there if so told.
  ///
  /// - Returns: whether it was moved; false if something is there that must stay.
  func move(_ name: [UInt8], into folder: borrowing FolderHandle, replacing: Bool) throws(IOError) -> Bool {
    let target = folder.descriptor
    let flags = replacing ? 0 : UInt32(PB_RENAME_NOREPLACE)
    let result = unsafe withCString(name) { unsafe pb_renameat2(descriptor, $0, target, $0, flags) }
    if result == -EEXIST && !replacing { return false }
    guard result >= 0 else { throw IOError(folder.child(name), "create", Errno(rawValue: -result)) }
    return true
  }

  /// Sets the owner, mode, extended attributes and times of the folder itself, in an order in which nothing undoes
  /// another.
  func finish(_ marks: Metadata, losses: Losses?) throws(IOError) {
    try marks.apply(to: descriptor, path: path, losses: losses)
  }

  /// Removes what is called `name`: a folder must be empty.
  package func remove(_ name: [UInt8], isFolder: Bool) throws(IOError) {
    let flags = isFolder ? AT_REMOVEDIR : 0
    _ = try unsafe call("remove", name) { unsafe unlinkat(descriptor, $0, flags) }
  }

  /// Sets owner and group of what is called `name`.
  package func setOwner(_ name: [UInt8], uid: UInt32, gid: UInt32) throws(IOError) {
    _ = try unsafe call("change the owner of", name) { unsafe fchownat(descriptor, $0, uid, gid, AT_SYMLINK_NOFOLLOW) }
  }

  /// Sets the permission bits of what is called `name`, which must not be a symbolic link.
  package func setMode(_ name: [UInt8], _ mode: UInt16) throws(IOError) {
    _ = try unsafe call("change the mode of", name) { unsafe fchmodat(descriptor, $0, mode_t(mode), 0) }
  }

  /// Sets access and modification time of what is called `name`.
  package func setTimes(_ name: [UInt8], accessed: Timestamp, modified: Timestamp) throws(IOError) {
    let times = [timespec(accessed), timespec(modified)]
    _ = try unsafe call("set the times of", name) { unsafe utimensat(descriptor, $0, times, AT_SYMLINK_NOFOLLOW) }
  }
}
