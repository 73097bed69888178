import Bytes
import FileTree

/// Something that ext4 cannot hold, in words, before it is known of which inode.
struct Unholdable: Error {
  let what: String
}

/// An inode as the table holds it, 256 bytes.
struct InodeRecord {
  /// What is stored of the 128 bytes after the original inode (i_extra_isize): all that Linux knows, as mke2fs does.
  static let extraSize = 32
  /// The bytes after that, for extended attributes.
  static let xattrSpace = GroupGeometry.inodeSize - 128 - extraSize
  /// The bytes of i_block.
  static let blockFieldSize = 60

  var mode: UInt16
  var uid: UInt32 = 0
  var gid: UInt32 = 0
  var size: Int
  var links: UInt16
  var layout: InodeLayoutFlags = []
  var flags: InodeFlags = []
  var accessed: InodeTime
  var changed: InodeTime
  var modified: InodeTime
  var created: InodeTime

  /// What depends on where the inode's blocks are.
  struct Place {
    /// i_block, 60 bytes at most.
    var blockField: [UInt8] = []
    /// All blocks of the inode, those of its extent tree and attributes among them.
    var blocks = 0
    /// The block of extended attributes, zero without one.
    var xattrBlock = 0
  }

  /// Stores the inode into `table` at `start`.
  ///
  /// - Parameters:
  ///   - xattrs: what lies after i_extra_isize, `xattrSpace` bytes at most.
  ///   - seed: what the checksums of this inode continue from.
  func store(into table: inout [UInt8], at start: Int, place: Place, xattrs: [UInt8], seed: UInt32) {
    var span = table.mutableSpan
    var bytes = span._mutatingExtracting(start..<start + GroupGeometry.inodeSize)
    // i_blocks counts sectors of 512 bytes without the flag EXT4_HUGE_FILE_FL.
    let sectors = place.blocks * (GroupGeometry.blockSize / 512)
    bytes.store(le: mode, at: 0x00)
    bytes.store(le: UInt16(truncatingIfNeeded: uid), at: 0x02)
    bytes.store(le: UInt32(truncatingIfNeeded: size), at: 0x04)
    bytes.store(le: accessed.low, at: 0x08)
    bytes.store(le: changed.low, at: 0x0C)
    bytes.store(le: modified.low, at: 0x10)
    bytes.store(le: UInt16(truncatingIfNeeded: gid), at: 0x18)
    bytes.store(le: links, at: 0x1A)
    bytes.store(le: UInt32(truncatingIfNeeded: sectors), at: 0x1C)
    bytes.store(le: layout.rawValue | flags.rawValue, at: 0x20)
    for index in place.blockField.indices { bytes[0x28 + index] = place.blockField[index] }
    bytes.store(le: UInt32(truncatingIfNeeded: place.xattrBlock), at: 0x68)
    bytes.store(le: UInt32(truncatingIfNeeded: size >> 32), at: 0x6C)
    bytes.store(le: UInt16(truncatingIfNeeded: uid >> 16), at: 0x78)
    bytes.store(le: UInt16(truncatingIfNeeded: gid >> 16), at: 0x7A)
    bytes.store(le: UInt16(Self.extraSize), at: 0x80)
    bytes.store(le: changed.extra, at: 0x84)
    bytes.store(le: modified.extra, at: 0x88)
    bytes.store(le: accessed.extra, at: 0x8C)
    bytes.store(le: created.low, at: 0x90)
    bytes.store(le: created.extra, at: 0x94)
    for index in xattrs.indices { bytes[0x80 + Self.extraSize + index] = xattrs[index] }
    let checksum = MetadataChecksums.inode(bytes.span, seed: seed, hasHighHalf: true)
    bytes.store(le: UInt16(truncatingIfNeeded: checksum), at: 0x7C)
    bytes.store(le: UInt16(truncatingIfNeeded: checksum >> 16), at: 0x82)
  }
}

extension InodeRecord {
  /// The inode of a file that ext4 keeps for itself, under no name; one time for all four.
  init(reservedFileOf size: Int, time: InodeTime, layout: InodeLayoutFlags) {
    self.init(
      mode: InodeType.file.rawValue << 12 | 0o600, size: size, links: 1, layout: layout, accessed: time,
      changed: time, modified: time, created: time)
  }

  /// The record of `inode`, whose content takes `size` bytes; made at `birth` where it does not say when.
  ///
  /// - Throws: `Unholdable` for a time outside 1901 to 2446, or more links than ext4 counts.
  init(_ inode: Inode, size: Int, links: UInt32, layout: InodeLayoutFlags, birth: Timestamp) throws(Unholdable) {
    let type = inode.body.ext4Type
    mode = type.rawValue << 12 | inode.mode & 0o7777
    uid = inode.uid
    gid = inode.gid
    self.size = size
    // EXT4_LINK_MAX; a directory may have more with RO_COMPAT dir_nlink, and is then not counted.
    if links <= 65000 {
      self.links = UInt16(links)
    } else {
      guard type == .directory else { throw Unholdable(what: "\(links) names for one file are more than 65000") }
      self.links = 1
    }
    self.layout = layout
    flags = inode.flags.intersection(.holdable(by: type))
    accessed = try InodeTime(inode.accessed)
    changed = try InodeTime(inode.changed)
    modified = try InodeTime(inode.modified)
    created = try InodeTime(inode.created ?? birth)
  }
}

extension InodeFlags {
  /// The flags that an inode of `type` can have (ext4_mask_flags, fs/ext4/ext4.h); e2fsck reports others.
  static func holdable(by type: InodeType) -> InodeFlags {
    switch type {
    case .directory: holdableByDirectories
    case .file: holdableByFiles
    default: holdableByOthers
    }
  }

  private static let holdableByDirectories = holdableByFiles.union([.directorySynchronous, .topDirectory])
  private static let holdableByFiles: InodeFlags = [
    .secureDelete, .undelete, .compress, .synchronous, .immutable, .append, .noDump, .noAccessTime, .journalData,
    .noTail,
  ]
  private static let holdableByOthers: InodeFlags = [.noDump, .noAccessTime]
}

/// A time as an inode holds it: 32 bits of seconds, and two more under 30 bits of nanoseconds.
struct InodeTime {
  let low: UInt32
  let extra: UInt32

  /// A whole second from 1970 to 2106.
  init(seconds: UInt32) {
    low = seconds
    // What is no longer below 2^31 reads as negative, one epoch later.
    extra = seconds >> 31
  }

  /// - Throws: `Unholdable` outside of 1901-12-13 to 2446-05-10.
  init(_ time: Timestamp) throws(Unholdable) {
    // The lower half is signed (ext4_decode_extra_time, fs/ext4/ext4.h).
    let low = Int32(truncatingIfNeeded: time.seconds)
    let (above, overflow) = time.seconds.subtractingReportingOverflow(Int64(low))
    let epoch = above >> 32
    guard !overflow, (0...3).contains(epoch), time.nanoseconds < 1_000_000_000 else {
      throw Unholdable(what: "a time \(time.seconds) seconds from 1970 lies outside of 1901 to 2446")
    }
    self.low = UInt32(bitPattern: low)
    extra = time.nanoseconds << 2 | UInt32(epoch)
  }
}
