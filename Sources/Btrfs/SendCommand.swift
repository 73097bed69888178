/// The commands of a send stream, by the names and numbers of kernel-shared/send.h (enum btrfs_send_cmd).
enum SendCommand: UInt16 {
  case subvol = 1
  case snapshot = 2
  case mkfile = 3
  case mkdir = 4
  case mknod = 5
  case mkfifo = 6
  case mksock = 7
  case symlink = 8
  case link = 10
  case unlink = 11
  case rmdir = 12
  case setXattr = 13
  case removeXattr = 14
  case write = 15
  case clone = 16
  case truncate = 17
  case chmod = 18
  case chown = 19
  case utimes = 20
  case end = 21
  /// Version 2.
  case encodedWrite = 25
}

/// The attributes of commands, by the names and numbers of kernel-shared/send.h.
enum SendAttribute: UInt16 {
  case uuid = 1
  case ctransid = 2
  case ino = 3
  case size = 4
  case mode = 5
  case uid = 6
  case gid = 7
  case rdev = 8
  case ctime = 9
  case mtime = 10
  case atime = 11
  case xattrName = 13
  case xattrData = 14
  case path = 15
  case pathLink = 17
  case fileOffset = 18
  case data = 19
  case cloneUUID = 20
  case cloneCtransid = 21
  case clonePath = 22
  case cloneOffset = 23
  case cloneLength = 24
  case unencodedFileLength = 27
  case unencodedLength = 28
  case unencodedOffset = 29
  case compression = 30
  case encryption = 31
}
