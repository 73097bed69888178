import Bytes

/// How many bits an entry of the table has.
package enum FATWidth: Int, Sendable {
  case fat12 = 12
  case fat16 = 16
  case fat32 = 32

  /// The most clusters that Linux lets a FAT have (MAX_FAT12 and so on in fs/fat/fat.h).
  var clusterLimit: Int {
    switch self {
    case .fat12: 0xFF4
    case .fat16: 0xFFF4
    case .fat32: 0x0FFF_FFF6
    }
  }
}

/// The boot sector: where everything is. Names of fields are those of Microsoft's FAT specification (fatgen103).
struct BootSector {
  /// Where the root directory lies.
  enum Root {
    /// In a place of its own: FAT12 and FAT16.
    case region(offset: Int, entries: Int)
    /// In a chain, as every other folder: FAT32.
    case chain(firstCluster: UInt32)
  }

  let width: FATWidth
  /// Bytes.
  let clusterSize: Int
  /// How many copies of the table there are, and which of them is in use, from 0.
  let tableCount: Int
  let activeTable: Int
  /// Whether all copies of the table are kept the same.
  let isMirrored: Bool
  /// The bytes of the table's entries that are used.
  let tableSize: Int
  /// Of the first copy, in bytes from the start; and from one copy to the next.
  private let tablesOffset: Int
  private let tableStride: Int
  /// Where FAT32 keeps its count of free clusters, in bytes from the start; nil for the others.
  let infoOffset: Int?
  /// What kind of disk it is; the table repeats it in its first byte.
  let media: UInt8
  /// Whether Windows or Linux marked the volume as in use (FAT_STATE_DIRTY in Linux).
  let isDirty: Bool
  let root: Root
  /// Where cluster 2 begins.
  let dataOffset: Int
  /// How many clusters there are; their numbers start at 2.
  let clusterCount: Int
  /// The volume's serial number; 0 if it has none.
  let serial: UInt32

  /// Parses the first 512 bytes of a partition of `partitionSize` bytes, as strictly as Linux does (fat_read_bpb and
  /// fat_fill_super in fs/fat/inode.c).
  ///
  /// - Throws: `FATError`: `.cutShort` only if all else is right.
  init(parsing bytes: Span<UInt8>, partitionSize: Int) throws(FATError) {
    let BPB_BytsPerSec = Int(bytes.le(0x0B, as: UInt16.self))
    let BPB_SecPerClus = Int(bytes[0x0D])
    let BPB_RsvdSecCnt = Int(bytes.le(0x0E, as: UInt16.self))
    let BPB_NumFATs = Int(bytes[0x10])
    let BPB_RootEntCnt = Int(bytes.le(0x11, as: UInt16.self))
    let BPB_TotSec16 = Int(bytes.le(0x13, as: UInt16.self))
    let BPB_Media = Int(bytes[0x15])
    let BPB_FATSz16 = Int(bytes.le(0x16, as: UInt16.self))
    let BPB_TotSec32 = Int(bytes.le(0x20, as: UInt32.self))

    try Self.check([512, 1024, 2048, 4096].contains(BPB_BytsPerSec), "BPB_BytsPerSec", BPB_BytsPerSec)
    try Self.check(BPB_SecPerClus.nonzeroBitCount == 1, "BPB_SecPerClus", BPB_SecPerClus)
    try Self.check(BPB_RsvdSecCnt > 0, "BPB_RsvdSecCnt", BPB_RsvdSecCnt)
    try Self.check(BPB_NumFATs > 0, "BPB_NumFATs", BPB_NumFATs)
    try Self.check(BPB_Media == 0xF0 || BPB_Media >= 0xF8, "BPB_Media", BPB_Media)

    // Linux and fsck.fat tell FAT32 by this field alone. The count of clusters, which the specification goes by, is
    // too small in many FAT32 of memory cards and images.
    let isFAT32 = BPB_FATSz16 == 0
    let tableSectors = isFAT32 ? Int(bytes.le(0x24, as: UInt32.self)) : BPB_FATSz16
    try Self.check(tableSectors > 0, isFAT32 ? "BPB_FATSz32" : "BPB_FATSz16", tableSectors)
    try Self.check(isFAT32 || BPB_RootEntCnt > 0, "BPB_RootEntCnt", BPB_RootEntCnt)

    let rootOffset = (BPB_RsvdSecCnt + BPB_NumFATs * tableSectors) * BPB_BytsPerSec
    // FAT32 has no such place, but Linux and fsck.fat leave one out where the field is set all the same.
    let rootSize = (BPB_RootEntCnt * 32).rounded(upTo: BPB_BytsPerSec)
    let totalSectors = BPB_TotSec16 != 0 ? BPB_TotSec16 : BPB_TotSec32
    let size = totalSectors * BPB_BytsPerSec
    guard size <= partitionSize else { throw .corrupt(.cutShort(end: size, size: partitionSize)) }

    clusterSize = BPB_SecPerClus * BPB_BytsPerSec
    media = UInt8(BPB_Media)
    tableCount = BPB_NumFATs
    tablesOffset = BPB_RsvdSecCnt * BPB_BytsPerSec
    tableStride = tableSectors * BPB_BytsPerSec
    dataOffset = rootOffset + rootSize
    let room = (size - dataOffset) / clusterSize
    try Self.check(size > dataOffset && room > 0, "BPB_TotSec", totalSectors)
    width = isFAT32 ? .fat32 : room > FATWidth.fat12.clusterLimit ? .fat16 : .fat12
    // A table may be too short for the space after it: then the rest of the space is unused.
    clusterCount = min(room, tableSectors * BPB_BytsPerSec * 8 / width.rawValue - 2)
    try Self.check(clusterCount > 0 && clusterCount <= width.clusterLimit, "the count of clusters", clusterCount)
    tableSize = ((clusterCount + 2) * width.rawValue).dividedRoundingUp(by: 8)

    // Linux reads the first copy and writes all of them, so that the active one is right whoever wrote last.
    let BPB_ExtFlags = isFAT32 ? Int(bytes.le(0x28, as: UInt16.self)) : 0
    isMirrored = BPB_ExtFlags & 0x80 == 0
    activeTable = isMirrored ? 0 : BPB_ExtFlags & 0x0F
    try Self.check(activeTable < BPB_NumFATs, "BPB_ExtFlags", BPB_ExtFlags)
    // A sector of 0 means 1 to Linux.
    let BPB_FSInfo = Int(bytes.le(0x30, as: UInt16.self))
    infoOffset = isFAT32 ? max(1, BPB_FSInfo) * BPB_BytsPerSec : nil
    root =
      isFAT32
      ? .chain(firstCluster: bytes.le(0x2C)) : .region(offset: rootOffset, entries: BPB_RootEntCnt)

    // The tail of the boot sector follows the FAT32 fields, where it has them.
    let tail = isFAT32 ? 0x40 : 0x24
    isDirty = bytes[tail + 1] & 1 != 0
    let BS_BootSig = bytes[tail + 2]
    serial = BS_BootSig == 0x28 || BS_BootSig == 0x29 ? bytes.le(tail + 3) : 0
  }

  private static func check(_ isRight: Bool, _ field: String, _ value: Int) throws(FATError) {
    guard isRight else { throw .corrupt(.bootSector(field: field, value: value)) }
  }

  /// Where `cluster`, which exists, begins.
  func offset(of cluster: UInt32) -> Int { dataOffset + (Int(cluster) - 2) * clusterSize }

  /// Where the copy of the table with this number, from 0, begins.
  func tableOffset(of copy: Int) -> Int { tablesOffset + copy * tableStride }
}
