import Bytes

/// Where the partitions of a new disk lie: known before their contents, which may need to know.
package struct DiskPlan: Sendable, Equatable {
  /// One primary partition.
  package struct Placement: Sendable, Equatable {
    /// From 1.
    package let number: Int
    /// The MBR's type byte.
    package let type: UInt8
    /// The first byte, from the start of the disk.
    package let offset: Int
    /// The number of bytes.
    package let size: Int

    /// The first sector, of 512 bytes: what a FAT calls its hidden sectors.
    package var firstSector: UInt32 { UInt32(offset / 512) }
    /// The number of sectors of 512 bytes.
    package var sectorCount: UInt32 { UInt32(size / 512) }
  }

  /// The partitions, ascending.
  package let placements: [Placement]
  /// The number of bytes of the disk.
  package let size: Int

  /// Places one to four partitions in a row, each at the next multiple of `alignment` bytes, the first at `alignment`
  /// itself: with 8 MiB and a boot partition of 512 MiB, where pi-gen has them.
  ///
  /// The disk ends at the first multiple of `alignment` behind the last partition, or at `totalSize`: what lies behind
  /// the last partition is room to grow.
  ///
  /// - Throws: `DiskImageError`: plan, or unsupported if an MBR cannot count that far.
  package init(
    partitions: [(type: UInt8, size: Int)], alignment: Int = 8 << 20, totalSize: Int? = nil
  ) throws(DiskImageError) {
    guard (1...4).contains(partitions.count) else { throw .plan(.partitionCount(partitions.count)) }
    for size in [alignment, totalSize ?? 512] + partitions.map(\.size) {
      guard size > 0, size.isMultiple(of: 512) else { throw .plan(.size(size)) }
      guard size <= Self.limit else { throw .unsupported(.largerThanTwoTiB(size: size)) }
    }
    var placements: [Placement] = []
    var end = 1
    for (index, partition) in partitions.enumerated() {
      let offset = end.rounded(upTo: alignment)
      placements.append(Placement(number: index + 1, type: partition.type, offset: offset, size: partition.size))
      end = offset + partition.size
      guard end <= Self.limit else { throw .unsupported(.largerThanTwoTiB(size: end)) }
    }
    if let totalSize, totalSize < end { throw .plan(.disk(needed: end, size: totalSize)) }
    self.placements = placements
    size = totalSize ?? end.rounded(upTo: alignment)
  }

  /// 2 TiB less one sector: both the first sector and the number of sectors have 32 bits.
  private static let limit = Int(UInt32.max) * 512
}
