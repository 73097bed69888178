import Bytes

/// The inode tables and inode bitmaps of all groups, being filled.
struct InodeTableRecords {
  /// Each group's table up to the last block in use.
  private(set) var tables: [[UInt8]]
  /// Each group's bitmap, a whole block; empty where no inode of the group is in use.
  private(set) var bitmaps: [[UInt8]]
  private(set) var groups: [Use]
  private let inodesPerGroup: Int

  /// What a group's descriptor tells of its inodes.
  struct Use {
    /// How many are in use.
    var count = 0
    /// One more than the index of the last one in use.
    var end = 0
    var directories = 0
  }

  init(_ geometry: GroupGeometry) {
    inodesPerGroup = geometry.inodesPerGroup
    tables = Array(repeating: [], count: geometry.groupCount)
    bitmaps = Array(repeating: [], count: geometry.groupCount)
    groups = Array(repeating: Use(), count: geometry.groupCount)
    // Reserved ones count as used; those that nothing is stored for stay zero.
    for number in 1..<ReservedInode.first { _ = use(number) }
  }

  /// Stores the inode `number` and what belongs to it.
  mutating func store(
    _ record: InodeRecord, number: UInt32, place: InodeRecord.Place, xattrs: [UInt8] = [],
    checksums: MetadataChecksums
  ) {
    let (group, index) = use(number)
    if record.mode >> 12 == InodeType.directory.rawValue { groups[group].directories += 1 }
    let start = index * GroupGeometry.inodeSize
    let end = (start + GroupGeometry.inodeSize).rounded(upTo: GroupGeometry.blockSize)
    if tables[group].count < end {
      tables[group].append(contentsOf: repeatElement(0, count: end - tables[group].count))
    }
    record.store(
      into: &tables[group], at: start, place: place, xattrs: xattrs,
      seed: checksums.inodeSeed(number: number, generation: 0))
  }

  private mutating func use(_ number: UInt32) -> (group: Int, index: Int) {
    let (group, index) = (Int(number) - 1).quotientAndRemainder(dividingBy: inodesPerGroup)
    if bitmaps[group].isEmpty {
      // Bits behind the group's inodes are set.
      bitmaps[group] =
        Array(repeating: 0, count: inodesPerGroup / 8)
        + Array(repeating: 0xFF, count: GroupGeometry.blockSize - inodesPerGroup / 8)
    }
    let bit = UInt8(1) << UInt8(index % 8)
    if bitmaps[group][index / 8] & bit == 0 {
      bitmaps[group][index / 8] |= bit
      groups[group].count += 1
      groups[group].end = max(groups[group].end, index + 1)
    }
    return (group, index)
  }
}
