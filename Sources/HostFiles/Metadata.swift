import CLinux
import FileTree
import Glibc
import Storage
import struct SystemPackage.Errno
import struct SystemPackage.FilePath

/// What of an inode's metadata something made on this machine gets.
struct Metadata {
  /// Owner and group; nil: whoever runs pibake.
  var owner: (uid: UInt32, gid: UInt32)?
  /// The permission bits.
  var mode: UInt16
  var xattrs: [ExtendedAttribute]
  var accessed: Timestamp
  var modified: Timestamp

  /// What `inode` gets at this fidelity. What does not outlive it is counted in `losses`, under the path `path`.
  init(_ inode: Inode, _ fidelity: FolderWriter.Fidelity, losses: Losses?, path: @autoclosure () -> [UInt8]) {
    accessed = inode.accessed
    modified = inode.modified
    mode = inode.mode
    xattrs = inode.xattrs
    switch fidelity {
    case .full: owner = (inode.uid, inode.gid)
    case .own:
      // An attribute of another namespace, or an ACL, means something only beside the owners that it was made for.
      xattrs.removeAll { !$0.name.starts(with: "user.".utf8) }
      if xattrs.count < inode.xattrs.count { losses?.note(.attribute, path()) }
      if inode.uid != geteuid() || inode.gid != getegid() { losses?.note(.owner, path()) }
      // On a file of somebody else's these bits would give away other rights than they were set for.
      if inode.body.isFile && mode & 0o6000 != 0 {
        mode &= 0o1777
        losses?.note(.setID, path())
      }
    case .plain:
      xattrs = []
      mode = inode.body.isDirectory ? 0o755 : 0o644
    }
  }

  /// Sets everything on what is open as `descriptor`, in the order in which nothing undoes another: a new owner clears
  /// set-user-id and capabilities, and everything touches the times.
  func apply(to descriptor: Int32, path: @autoclosure () -> FilePath, losses: Losses?) throws(IOError) {
    func check(_ result: Int32, _ operation: String) throws(IOError) {
      if result != 0 { throw IOError(path(), operation, Errno(rawValue: errno)) }
    }
    if let owner { try check(fchown(descriptor, owner.uid, owner.gid), "change the owner of") }
    try check(fchmod(descriptor, mode_t(mode)), "change the mode of")
    for attribute in xattrs {
      let result = unsafe withCString(attribute.name) {
        unsafe pb_fsetxattr(descriptor, $0, attribute.value, attribute.value.count)
      }
      try Metadata.checkAttribute(result, path: path(), losses: losses)
    }
    let times = [timespec(accessed), timespec(modified)]
    try check(unsafe futimens(descriptor, times), "set the times of")
  }

  /// Takes the result of setting an extended attribute, which is a negative errno: what the file system cannot keep is a
  /// loss where losses are counted, and an error where they are not.
  static func checkAttribute(_ result: Int32, path: @autoclosure () -> FilePath, losses: Losses?) throws(IOError) {
    guard result < 0 else { return }
    if let losses, result == -ENOTSUP || result == -EPERM {
      let path = path()
      return losses.note(.attribute, Array(path.string.utf8))
    }
    throw IOError(path(), "set an extended attribute of", Errno(rawValue: -result))
  }
}

extension timespec {
  /// The time as system calls take it.
  init(_ time: Timestamp) {
    self.init(tv_sec: Int(time.seconds), tv_nsec: Int(time.nanoseconds))
  }
}
