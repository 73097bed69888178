import Bytes
import Storage

/// What the first bytes of a partition say that it holds. Types in partition tables are often wrong; this is not.
package enum PartitionContent: Sendable, Equatable {
  /// FAT12, FAT16 or FAT32.
  case fat
  /// ext4, or one of its ancestors: they share the magic.
  case ext4
  case btrfs
  case squashfs
  /// Linux swap space.
  case swap
  case f2fs
  case xfs
  case erofs
  case ntfs
  case exfat
  /// An encrypted volume, which could hold anything.
  case luks
  /// A physical volume of LVM.
  case lvm
  case unknown

  /// Looks at the first 4 KiB of `source`, and at a few places in the 64 KiB after them.
  ///
  /// The order matters where a new file system leaves the magic of an older one in place: mkfs.fat does, and writes
  /// only the front; the others wipe what comes before their own magic.
  ///
  /// - Throws: `DiskImageError.io`.
  package init(of source: any ByteSource) throws(DiskImageError) {
    let bytes = try source.bytes(at: 0, count: min(source.size, 4 << 10))
    if Self.isFAT(bytes.span) {
      self = .fat
    } else if try source.has("hsqs", at: 0) {
      self = .squashfs
    } else if Self.isExt4(bytes.span) {
      self = .ext4
    } else if try source.has("_BHRfS_M", at: 65536 + 0x40) {
      self = .btrfs
    } else {
      self = try Self.isSwap(source) ? .swap : Self.other(source)
    }
  }

  /// What file systems that pibake does not read begin with, and where: libblkid's superblocks have the same.
  private static let magics: [(content: Self, magic: [UInt8], offset: Int)] = [
    (.xfs, Array("XFSB".utf8), 0), (.luks, Array("LUKS".utf8) + [0xBA, 0xBE], 0), (.ntfs, Array("NTFS    ".utf8), 3),
    (.exfat, Array("EXFAT   ".utf8), 3), (.lvm, Array("LABELONE".utf8), 512),
    (.f2fs, [0x10, 0x20, 0xF5, 0xF2], 1024), (.erofs, [0xE2, 0xE1, 0xF5, 0xE0], 1024),
  ]

  private static func other(_ source: any ByteSource) throws(DiskImageError) -> Self {
    for (content, magic, offset) in magics where source.size >= offset + magic.count {
      if try source.bytes(at: offset, count: magic.count) == magic { return content }
    }
    return .unknown
  }

  /// Whether the end of the first page has the magic, whatever the page's size is where it was made.
  private static func isSwap(_ source: any ByteSource) throws(DiskImageError) -> Bool {
    for page in [4 << 10, 16 << 10, 64 << 10] where try source.has("SWAPSPACE2", at: page - 10) { return true }
    return false
  }

  private static func isExt4(_ bytes: Span<UInt8>) -> Bool {
    bytes.count >= 2048 && bytes.le(1024 + 0x38, as: UInt16.self) == 0xEF53
      && bytes.le(1024 + 0x18, as: UInt32.self) <= 6
  }

  /// Whether a FAT's boot sector is here, by the fields that Linux wants right (fat_read_bpb in fs/fat/inode.c).
  private static func isFAT(_ bytes: Span<UInt8>) -> Bool {
    // Linux asks for neither of these two; with one of them, the fields are no coincidence.
    guard bytes.count >= 512, bytes.le(0x1FE, as: UInt16.self) == 0xAA55 || [0xEB, 0xE9].contains(bytes[0]) else {
      return false
    }
    let sectorSize = bytes.le(0x0B, as: UInt16.self)
    let sectorsPerCluster = bytes[0x0D]
    let reserved = bytes.le(0x0E, as: UInt16.self)
    let media = bytes[0x15]
    return [512, 1024, 2048, 4096].contains(sectorSize) && sectorsPerCluster.nonzeroBitCount == 1 && reserved > 0
      && bytes[0x10] > 0 && (media == 0xF0 || media >= 0xF8)
  }
}

extension ByteSource {
  /// Whether the bytes at `offset` are there and spell `magic`.
  fileprivate func has(_ magic: String, at offset: Int) throws(DiskImageError) -> Bool {
    let magic = Array(magic.utf8)
    guard size >= offset + magic.count else { return false }
    return try bytes(at: offset, count: magic.count) == magic
  }
}
