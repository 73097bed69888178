import Bytes
import FileTree
import Storage

/// An inode as the disk has it, without its extended attributes.
struct DiskInode {
  let number: UInt32
  let type: InodeType
  let permissions: UInt16
  let uid: UInt32
  let gid: UInt32
  /// Bytes of content; what the format allows, or less.
  let size: Int
  let links: UInt16
  /// The bits of `i_flags` that say how the inode is stored.
  let layout: InodeLayoutFlags
  /// The bits of `i_flags` that say something about the file.
  let flags: InodeFlags
  /// Blocks in use, in units of 512 bytes.
  let sectors: UInt64
  /// The block of extended attributes; 0 without one.
  let xattrBlock: Int
  /// What checksums of blocks that belong to the inode continue from.
  let checksumSeed: UInt32
  /// How many bytes after the first 128 have a meaning.
  let extraSize: Int

  /// Parses the `inode_size` bytes of inode `number` (struct ext4_inode, fs/ext4/ext4.h).
  ///
  /// - Throws: `Ext4Error` if its checksum is wrong, it is not in use, or what it says cannot be.
  init(
    parsing bytes: Span<UInt8>, number: UInt32, of superblock: Ext4Superblock, policy: ReadPolicy
  ) throws(Ext4Error) {
    self.number = number
    extraSize = try Self.extraSize(bytes, number)
    checksumSeed = try Self.checksumSeed(bytes, number, extraSize, superblock, policy)

    links = bytes.le(0x1A)
    guard links > 0 else { throw .corrupt(.deletedInode, at: .inode(number)) }
    let i_mode: UInt16 = bytes.le(0x00)
    guard let type = InodeType(rawValue: i_mode >> 12) else {
      throw .corrupt(.mode(i_mode), at: .inode(number))
    }
    self.type = type
    permissions = i_mode & 0o7777
    uid = UInt32(bytes.le(0x02, as: UInt16.self)) | UInt32(bytes.le(0x78, as: UInt16.self)) << 16
    gid = UInt32(bytes.le(0x18, as: UInt16.self)) | UInt32(bytes.le(0x7A, as: UInt16.self)) << 16
    let i_flags: UInt32 = bytes.le(0x20)
    layout = InodeLayoutFlags(rawValue: i_flags)
    flags = InodeFlags(rawValue: i_flags).intersection(.kept)
    size = try Self.size(bytes, number, type, superblock)

    let i_blocks = UInt64(bytes.le(0x1C, as: UInt32.self))
    if superblock.readOnlyCompat.contains(.hugeFile) {
      let blocks = i_blocks | UInt64(bytes.le(0x74, as: UInt16.self)) << 32
      sectors = layout.contains(.hugeFile) ? blocks * UInt64(superblock.blockSize / 512) : blocks
    } else {
      sectors = i_blocks
    }
    let i_file_acl_high: UInt16 = superblock.incompat.contains(.bit64) ? bytes.le(0x76) : 0
    xattrBlock = Int(bytes.le(0x68, as: UInt32.self)) | Int(i_file_acl_high) << 32

    guard !layout.contains(.encrypt) else { throw .unsupported("encrypted files (inode \(number))") }
  }

  private static func extraSize(_ bytes: Span<UInt8>, _ number: UInt32) throws(Ext4Error) -> Int {
    guard bytes.count > 128 else { return 0 }
    let i_extra_isize: UInt16 = bytes.le(0x80)
    guard Int(i_extra_isize) <= bytes.count - 128, i_extra_isize % 4 == 0 else {
      throw .corrupt(.extraSize(Int(i_extra_isize)), at: .inode(number))
    }
    return Int(i_extra_isize)
  }

  private static func checksumSeed(
    _ bytes: Span<UInt8>, _ number: UInt32, _ extraSize: Int, _ superblock: Ext4Superblock,
    _ policy: ReadPolicy
  ) throws(Ext4Error) -> UInt32 {
    guard let checksums = superblock.checksums else { return 0 }
    let i_generation: UInt32 = bytes.le(0x64)
    let seed = checksums.inodeSeed(number: number, generation: i_generation)
    let hasHighHalf = extraSize >= 4
    var checksum = UInt32(bytes.le(0x7C, as: UInt16.self))
    if hasHighHalf { checksum |= UInt32(bytes.le(0x82, as: UInt16.self)) << 16 }
    if checksum != MetadataChecksums.inode(bytes, seed: seed, hasHighHalf: hasHighHalf) {
      try policy.meetWrongChecksum(at: .inode(number))
    }
    return seed
  }

  private static func size(
    _ bytes: Span<UInt8>, _ number: UInt32, _ type: InodeType, _ superblock: Ext4Superblock
  ) throws(Ext4Error) -> Int {
    let hasHighHalf = type == .file || (type == .directory && superblock.incompat.contains(.largeDir))
    let i_size_high: UInt32 = hasHighHalf ? bytes.le(0x6C) : 0
    let size = UInt64(bytes.le(0x04, as: UInt32.self)) | UInt64(i_size_high) << 32
    // A block of a file has a number of 32 bits, and the last number is never used (ext4_max_size).
    guard size <= UInt64(UInt32.max) * UInt64(superblock.blockSize) else {
      throw .corrupt(.size(size), at: .inode(number))
    }
    return Int(size)
  }
}

extension Inode {
  /// The inode that `bytes` hold besides its content and extended attributes.
  init(_ disk: DiskInode, parsing bytes: Span<UInt8>, body: Body) {
    let extra = disk.extraSize
    // Each field of the extra part is there if i_extra_isize covers its end (EXT4_FITS_IN_INODE).
    let changed = Timestamp(low: bytes.le(0x0C), extra: extra >= 8 ? bytes.le(0x84) : 0)
    self.init(mode: disk.permissions, uid: disk.uid, gid: disk.gid, time: changed, body: body)
    modified = Timestamp(low: bytes.le(0x10), extra: extra >= 12 ? bytes.le(0x88) : 0)
    accessed = Timestamp(low: bytes.le(0x08), extra: extra >= 16 ? bytes.le(0x8C) : 0)
    created =
      extra >= 20 ? Timestamp(low: bytes.le(0x90), extra: extra >= 24 ? bytes.le(0x94) : 0) : nil
    flags = disk.flags
  }
}

extension InodeFlags {
  /// The flags that say something about the file, not about how it is stored.
  fileprivate static let kept: InodeFlags = [
    .secureDelete, .undelete, .compress, .synchronous, .immutable, .append, .noDump, .noAccessTime, .journalData,
    .noTail, .directorySynchronous, .topDirectory,
  ]
}

extension Timestamp {
  /// The time of a field of 32 bits and its extra field: two more bits of seconds, then 30 bits of nanoseconds
  /// (ext4_decode_extra_time). The 30 bits can hold more than a second; what is over carries into the seconds.
  fileprivate init(low: Int32, extra: UInt32) {
    let (carry, nanoseconds) = (extra >> 2).quotientAndRemainder(dividingBy: 1_000_000_000)
    self.init(seconds: Int64(low) + Int64(extra & 3) << 32 + Int64(carry), nanoseconds: nanoseconds)
  }
}
