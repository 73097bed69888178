import Bytes

/// Where everything goes in a new FAT, in sectors of 512 bytes.
struct FATShape: Equatable {
  static let sectorSize = 512

  let width: FATWidth
  let sectorsPerCluster: Int
  let totalSectors: Int
  /// Before the first table.
  let reservedSectors: Int
  /// Of each of the two tables.
  let tableSectors: Int
  /// Of the root directory: 0 with FAT32.
  let rootSectors: Int
  let clusterCount: Int

  var clusterSize: Int { sectorsPerCluster * Self.sectorSize }
  /// Where cluster 2 begins.
  var dataSector: Int { reservedSectors + 2 * tableSectors + rootSectors }

  /// The shape for a partition of `size` bytes, with room for `rootEntries` in the root directory of a FAT16.
  ///
  /// Below 128.5 MiB FAT16 goes first and FAT32 above it, as in pi-gen's prerun.sh.
  ///
  /// - Throws: `FATError.options`.
  init(size: Int, sectorsPerCluster: Int?, rootEntries: Int) throws(FATError) {
    guard size > 0, size.isMultiple(of: Self.sectorSize), size / Self.sectorSize <= UInt32.max else {
      throw .options(.size(size))
    }
    let widths: [FATWidth] = size < 134_742_016 ? [.fat16, .fat32] : [.fat32, .fat16]
    for width in widths {
      for sectors in [1, 2, 4, 8, 16, 32, 64] where sectorsPerCluster == nil || sectorsPerCluster == sectors {
        let shape = FATShape(
          width: width, sectorsPerCluster: sectors, totalSectors: size / Self.sectorSize, rootEntries: rootEntries)
        guard let shape, Self.isHandy(shape) || sectorsPerCluster != nil || sectors == 64 else { continue }
        self = shape
        return
      }
    }
    throw .options(.clusterSize(size, sectors: sectorsPerCluster))
  }

  /// Whether the table is small enough to be read at every boot.
  private static func isHandy(_ shape: FATShape) -> Bool { shape.clusterCount <= 2 << 20 }

  /// nil unless the count of clusters lies safely in the range where everyone takes it for a FAT of this width.
  private init?(width: FATWidth, sectorsPerCluster: Int, totalSectors: Int, rootEntries: Int) {
    self.width = width
    self.sectorsPerCluster = sectorsPerCluster
    self.totalSectors = totalSectors
    reservedSectors = width == .fat32 ? 32 : 1
    rootSectors = width == .fat32 ? 0 : (max(512, rootEntries) * 32).dividedRoundingUp(by: Self.sectorSize)
    let free = max(0, totalSectors - reservedSectors - rootSectors)
    // As if the tables' own sectors were clusters too: little more than what is needed, and always enough.
    tableSectors = (free / sectorsPerCluster + 2).dividedRoundingUp(by: Self.sectorSize * 8 / width.rawValue)
    clusterCount = max(0, free - 2 * tableSectors) / sectorsPerCluster
    // Programs differ by up to 16 about where the ranges end (fatgen103).
    let range = width == .fat32 ? 65525 + 16...0x0FFF_FFF4 - 16 : 4085 + 16...65524 - 16
    guard range.contains(clusterCount), rootSectors * Self.sectorSize / 32 <= UInt16.max else { return nil }
  }
}
