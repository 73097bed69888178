import FileTree

/// The type of an inode: the upper four bits of `i_mode`, shifted down by 12.
enum InodeType: UInt16 {
  case fifo = 0x1
  case characterDevice = 0x2
  case directory = 0x4
  case blockDevice = 0x6
  case file = 0x8
  case symlink = 0xA
  case socket = 0xC

  /// The type as a directory entry tells it.
  var entryType: EntryType {
    switch self {
    case .file: .file
    case .directory: .directory
    case .characterDevice: .characterDevice
    case .blockDevice: .blockDevice
    case .fifo: .fifo
    case .socket: .socket
    case .symlink: .symlink
    }
  }
}

/// The type of an inode as a directory entry tells it (`EXT4_FT_*`), in three bits.
enum EntryType: UInt8 {
  /// The entry states no type, as without the feature `filetype`, or one that does not exist.
  case unknown = 0
  case file = 1
  case directory = 2
  case characterDevice = 3
  case blockDevice = 4
  case fifo = 5
  case socket = 6
  case symlink = 7
}

extension Inode.Body {
  /// The type as ext4 numbers it.
  var ext4Type: InodeType {
    switch self {
    case .directory: .directory
    case .file: .file
    case .symlink: .symlink
    case .characterDevice: .characterDevice
    case .blockDevice: .blockDevice
    case .fifo: .fifo
    case .socket: .socket
    }
  }
}
