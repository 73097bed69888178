/// Numbers of inodes that ext4 keeps for itself.
enum ReservedInode {
  static let badBlocks: UInt32 = 1
  static let root: UInt32 = 2
  static let resize: UInt32 = 7
  static let journal: UInt32 = 8
  /// The first that is not reserved: what mke2fs makes lost+found.
  static let first: UInt32 = 11
}

/// The bits of `i_flags` that say how to read an inode; those that chattr(1) sets are `FileTree.InodeFlags`.
struct InodeLayoutFlags: OptionSet, Sendable {
  let rawValue: UInt32

  static let encrypt = Self(rawValue: 0x800)
  static let htree = Self(rawValue: 0x1000)
  /// `i_blocks` counts blocks of the file system.
  static let hugeFile = Self(rawValue: 0x4_0000)
  static let extents = Self(rawValue: 0x8_0000)
  static let eaInode = Self(rawValue: 0x20_0000)
  static let inlineData = Self(rawValue: 0x1000_0000)
}

/// How a file system was left (`s_state`).
struct FileSystemState: OptionSet, Sendable {
  let rawValue: UInt16

  /// It was unmounted, or never mounted.
  static let clean = Self(rawValue: 1)
  /// The kernel found errors, and e2fsck was not run since.
  static let errors = Self(rawValue: 2)
}

/// The flags of a group descriptor (`bg_flags`).
struct GroupFlags: OptionSet, Sendable {
  let rawValue: UInt16

  /// No inode of the group is in use, and its inode bitmap was never written.
  static let inodeUninit = Self(rawValue: 1)
  /// The group's block bitmap was never written.
  static let blockUninit = Self(rawValue: 2)
  /// The unused part of the inode table is zero.
  static let inodeTableZeroed = Self(rawValue: 4)
}

/// Numbers that mark structures.
enum Magic {
  static let superblock: UInt16 = 0xEF53
  static let extentHeader: UInt16 = 0xF30A
  static let xattr: UInt32 = 0xEA02_0000
  /// The file type of a directory block's tail, which holds its checksum.
  static let directoryTail: UInt8 = 0xDE
}

/// Which block groups start with a copy of the superblock and the group descriptors.
enum BackupGroups {
  case all
  /// Groups 0 and 1, and the powers of 3, 5 and 7 (`sparse_super`).
  case sparse
  /// Group 0 and at most two others (`sparse_super2`, `s_backup_bgs`).
  case listed(UInt32, UInt32)

  /// Whether `group` does (ext4_bg_has_super, fs/ext4/balloc.c).
  func contains(_ group: Int) -> Bool {
    switch self {
    case .all: true
    case .sparse: group <= 1 || [3, 5, 7].contains { isPower(group, of: $0) }
    case .listed(let first, let second): group == 0 || group == Int(first) || group == Int(second)
    }
  }

  private func isPower(_ number: Int, of base: Int) -> Bool {
    var power = base
    while power < number { power *= base }
    return power == number
  }
}
