import Bytes

/// Where the partitions of a new disk lie: known before their contents, which may need to know.
package struct DiskPlan: Sendable, Equatable {
  /// Which table the disk gets.
  package enum Scheme: String, Sendable, Equatable {
    /// A master boot record.
    case mbr
    /// A GUID partition table after an MBR that only protects it.
    case gpt
    /// A GUID partition table whose MBR names the boot partitions too, for firmware that does not know GPT.
    case hybrid

    /// The bytes of the table at the end of the disk, rounded up so that what lies before may end on a whole MiB.
    package var tailSize: Int { self == .mbr ? 0 : 1 << 20 }
    /// The bytes of the table at the start of the disk.
    var headSize: Int { self == .mbr ? 512 : GPTLayout.headSize }
    /// The entries of the table.
    var mostPartitions: Int { self == .mbr ? 4 : GPTLayout.entryCount }
    /// The most bytes that the table can count. An MBR has 32 bits for both the first sector and the number of sectors.
    var limit: Int { self == .mbr ? Int(UInt32.max) * 512 : 512 << 47 }
  }

  /// What a partition is for.
  package enum Use: Sendable, Equatable {
    /// A FAT with the files that the firmware reads.
    case boot
    /// A Linux file system.
    case linux
  }

  /// A partition that is wanted.
  package struct Request: Sendable {
    let use: Use
    let name: String
    let size: Int

    /// A partition of `size` bytes, which a GPT calls `name`.
    package init(_ use: Use, name: String, size: Int) {
      self.use = use
      self.name = name
      self.size = size
    }
  }

  /// One partition: of an MBR a primary one.
  package struct Placement: Sendable, Equatable {
    /// From 1.
    package let number: Int
    package let use: Use
    /// What a GPT calls it.
    package let name: String
    /// The first byte, from the start of the disk.
    package let offset: Int
    /// The number of bytes.
    package let size: Int

    /// The first sector, of 512 bytes: what a FAT calls its hidden sectors.
    package var firstSector: Int { offset / 512 }
    /// The number of sectors of 512 bytes.
    package var sectorCount: Int { size / 512 }
  }

  /// The table that the disk gets.
  package let scheme: Scheme
  /// The partitions, ascending.
  package let placements: [Placement]
  /// The number of bytes of the disk.
  package let size: Int

  /// Places partitions in a row, each at the next multiple of `alignment` bytes, the first at `alignment` itself: with
  /// 8 MiB and a boot partition of 512 MiB, where pi-gen has them.
  ///
  /// The disk ends at the first multiple of `alignment` after the last partition and the table's own copy, or at
  /// `totalSize`: what lies after the last partition is room to grow.
  ///
  /// - Throws: `DiskImageError`: plan, or unsupported if the table cannot count that far.
  package init(
    scheme: Scheme = .mbr, partitions: [Request], alignment: Int = 8 << 20, totalSize: Int? = nil
  ) throws(DiskImageError) {
    guard (1...scheme.mostPartitions).contains(partitions.count) else {
      throw .plan(.partitionCount(partitions.count, most: scheme.mostPartitions))
    }
    for size in [alignment, totalSize ?? 512] + partitions.map(\.size) {
      guard size > 0, size.isMultiple(of: 512) else { throw .plan(.size(size)) }
      guard size <= scheme.limit else { throw .unsupported(.tooLarge(size: size, limit: scheme.limit)) }
    }
    var placements: [Placement] = []
    var end = scheme.headSize
    for (index, partition) in partitions.enumerated() {
      let offset = end.rounded(upTo: alignment)
      placements.append(
        Placement(
          number: index + 1, use: partition.use, name: partition.name, offset: offset, size: partition.size))
      end = offset + partition.size
      // The MBR of a hybrid disk counts no further than any other, and the firmware reads it.
      let limit = scheme == .hybrid && partition.use == .boot ? Scheme.mbr.limit : scheme.limit
      guard end <= limit else { throw .unsupported(.tooLarge(size: end, limit: limit)) }
    }
    end += scheme.tailSize
    if let totalSize, totalSize < end { throw .plan(.disk(needed: end, size: totalSize)) }
    // Without a boot partition there is nothing that the MBR could name.
    let namesNothing = scheme == .hybrid && !placements.contains { $0.use == .boot }
    self.scheme = namesNothing ? .gpt : scheme
    self.placements = placements
    size = totalSize ?? end.rounded(upTo: alignment)
  }
}
