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
  case unknown

  /// Looks at the first 68 KiB of `source`.
  ///
  /// - Throws: `DiskImageError.io`.
  package init(of source: any ByteSource) throws(DiskImageError) {
    let bytes = try source.bytes(at: 0, count: min(source.size, 68 << 10))
    self.init(sniffing: bytes.span)
  }

  /// The order matters where a new file system leaves the magic of an older one in place: mkfs.fat does, and writes
  /// only the front; the others wipe what comes before their own magic.
  private init(sniffing bytes: Span<UInt8>) {
    if Self.isFAT(bytes) {
      self = .fat
    } else if bytes.has("hsqs", at: 0) {
      self = .squashfs
    } else if bytes.count >= 2048 && bytes.le(1024 + 0x38, as: UInt16.self) == 0xEF53
      && bytes.le(1024 + 0x18, as: UInt32.self) <= 6
    {
      self = .ext4
    } else if bytes.has("_BHRfS_M", at: 65536 + 0x40) {
      self = .btrfs
    } else if bytes.has("SWAPSPACE2", at: 4086) || bytes.has("SWAPSPACE2", at: 16374)
      || bytes.has("SWAPSPACE2", at: 65526)
    {
      // At the end of a page, whatever the page's size is where it was made.
      self = .swap
    } else {
      self = .unknown
    }
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

extension Span where Element == UInt8 {
  /// Whether the bytes at `offset` are there and spell `magic`.
  fileprivate func has(_ magic: String, at offset: Int) -> Bool {
    let magic = Array(magic.utf8)
    return count >= offset + magic.count && extracting(offset..<offset + magic.count).array == magic
  }
}
