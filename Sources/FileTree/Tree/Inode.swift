import Storage

/// The number of an inode within its tree. Trees read from ext4 keep the numbers of the disk.
@usableFromInline package struct InodeID: Hashable, Comparable, Sendable {
  @usableFromInline package let number: UInt32

  @inlinable package init(_ number: UInt32) { self.number = number }

  @inlinable package static func < (left: InodeID, right: InodeID) -> Bool { left.number < right.number }
}

/// One file, directory or other object: everything about it but its names.
package struct Inode: Sendable {
  /// The permission bits with set-user-id, set-group-id and sticky: 12 bits, `0o7777` at most.
  package var mode: UInt16
  /// The owner.
  package var uid: UInt32
  /// The group.
  package var gid: UInt32
  /// When the content last changed (mtime).
  package var modified: Timestamp
  /// When it was last read (atime).
  package var accessed: Timestamp
  /// When the inode last changed (ctime).
  package var changed: Timestamp
  /// When it was made; nil where the file system does not say.
  package var created: Timestamp?
  /// The flags that chattr(1) sets.
  package var flags: InodeFlags
  /// FAT's attributes; empty elsewhere.
  package var attributes: FATAttributes
  /// Extended attributes, sorted by name.
  package var xattrs: [ExtendedAttribute]
  /// What it is and holds.
  package var body: Body

  /// An inode with one time for all four, no flags and no extended attributes.
  package init(mode: UInt16, uid: UInt32 = 0, gid: UInt32 = 0, time: Timestamp, body: Body) {
    self.mode = mode
    self.uid = uid
    self.gid = gid
    modified = time
    accessed = time
    changed = time
    created = time
    flags = []
    attributes = []
    xattrs = []
    self.body = body
  }

  /// What an inode is, with what only that kind has.
  package enum Body: Sendable {
    case directory(Directory)
    case file(FileContent)
    /// The target, 1 to 4095 bytes.
    case symlink([UInt8])
    case characterDevice(DeviceNumber)
    case blockDevice(DeviceNumber)
    case fifo
    case socket

    /// Whether it is a directory.
    package var isDirectory: Bool { if case .directory = self { true } else { false } }
  }
}

/// The flags of an inode that outlive a copy, with the numbers of FS_IOC_GETFLAGS (linux/fs.h), which are ext4's.
package struct InodeFlags: OptionSet, Sendable {
  package let rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }

  package static let secureDelete = InodeFlags(rawValue: 0x1)
  package static let undelete = InodeFlags(rawValue: 0x2)
  package static let compress = InodeFlags(rawValue: 0x4)
  package static let synchronous = InodeFlags(rawValue: 0x8)
  package static let immutable = InodeFlags(rawValue: 0x10)
  package static let append = InodeFlags(rawValue: 0x20)
  package static let noDump = InodeFlags(rawValue: 0x40)
  package static let noAccessTime = InodeFlags(rawValue: 0x80)
  package static let journalData = InodeFlags(rawValue: 0x4000)
  package static let noTail = InodeFlags(rawValue: 0x8000)
  package static let directorySynchronous = InodeFlags(rawValue: 0x1_0000)
  package static let topDirectory = InodeFlags(rawValue: 0x2_0000)
}

/// The attribute bits of a FAT directory entry (byte 11) that belong to a file.
package struct FATAttributes: OptionSet, Sendable {
  package let rawValue: UInt8
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  package static let readOnly = FATAttributes(rawValue: 0x01)
  package static let hidden = FATAttributes(rawValue: 0x02)
  package static let system = FATAttributes(rawValue: 0x04)
  package static let archive = FATAttributes(rawValue: 0x20)
}

/// A time: seconds since 1970 and nanoseconds after that second.
package struct Timestamp: Hashable, Comparable, Sendable {
  package var seconds: Int64
  /// Less than 1,000,000,000.
  package var nanoseconds: UInt32

  package init(seconds: Int64, nanoseconds: UInt32 = 0) {
    self.seconds = seconds
    self.nanoseconds = nanoseconds
  }

  package static func < (left: Timestamp, right: Timestamp) -> Bool {
    (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
  }
}

/// A device: which driver, and which of its devices.
package struct DeviceNumber: Hashable, Sendable {
  package var major: UInt32
  package var minor: UInt32

  package init(major: UInt32, minor: UInt32) {
    self.major = major
    self.minor = minor
  }
}

/// A name such as `user.comment` with its value.
package struct ExtendedAttribute: Hashable, Sendable {
  /// The whole name with its prefix, as getxattr(2) takes it.
  package var name: [UInt8]
  /// The value as getxattr(2) gives it; ACLs in that form too (version 2).
  package var value: [UInt8]

  package init(name: [UInt8], value: [UInt8]) {
    self.name = name
    self.value = value
  }
}
