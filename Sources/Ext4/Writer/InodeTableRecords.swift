import Bytes

/// The inode tables and inode bitmaps of all groups, being filled.
///
/// Tables are kept block by block, so that a copy that changes a few inodes shares the blocks of all others.
struct InodeTableRecords {
  /// The blocks of each group's table up to the last one that was ever used.
  private(set) var tables: [[[UInt8]]]
  /// Each group's bitmap, a whole block; empty where no inode of the group ever was in use.
  private(set) var bitmaps: [[UInt8]]
  private(set) var groups: [Use]
  private let inodesPerGroup: Int

  /// What a group's descriptor tells of its inodes.
  struct Use: Equatable {
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
    for number in 1..<ReservedInode.first { use(place(of: number)) }
  }

  /// Where an inode lies.
  struct Place: Equatable {
    var group: Int
    /// The inode within its group.
    var index: Int

    /// The block within the group's table.
    var block: Int { index / GroupGeometry.inodesPerBlock }
    /// The first byte within that block.
    var offset: Int { index % GroupGeometry.inodesPerBlock * GroupGeometry.inodeSize }
  }

  /// Where the inode `number` lies.
  func place(of number: UInt32) -> Place {
    let (group, index) = (Int(number) - 1).quotientAndRemainder(dividingBy: inodesPerGroup)
    return Place(group: group, index: index)
  }

  /// The block of a table in which the inode at `place` lies; nil if none of its inodes ever was in use.
  func block(at place: Place) -> [UInt8]? {
    place.block < tables[place.group].count ? tables[place.group][place.block] : nil
  }

  /// Stores the inode `number`, which is not in use, and what belongs to it.
  mutating func store(
    _ record: InodeRecord, number: UInt32, place blocks: InodeRecord.Place, xattrs: [UInt8] = [],
    checksums: MetadataChecksums
  ) {
    let place = place(of: number)
    use(place)
    if record.mode >> 12 == InodeType.directory.rawValue { groups[place.group].directories += 1 }
    let missing = place.block + 1 - tables[place.group].count
    if missing > 0 {
      let zeros = [UInt8](repeating: 0, count: GroupGeometry.blockSize)
      tables[place.group].append(contentsOf: repeatElement(zeros, count: missing))
    }
    record.store(
      into: &tables[place.group][place.block], at: place.offset, place: blocks, xattrs: xattrs,
      seed: checksums.inodeSeed(number: number, generation: 0))
  }

  /// Makes the inode `number`, which `store` stored, a free one: all zeros.
  mutating func remove(_ number: UInt32) {
    let place = place(of: number)
    let group = place.group
    let block = tables[group][place.block]
    let mode = block.span.le(place.offset, as: UInt16.self)
    if mode >> 12 == InodeType.directory.rawValue { groups[group].directories -= 1 }
    let zeros = repeatElement(UInt8(0), count: GroupGeometry.inodeSize)
    tables[group][place.block].store(zeros, at: place.offset)
    bitmaps[group][place.index / 8] &= ~(1 << UInt8(place.index % 8))
    groups[group].count -= 1
    while groups[group].end > 0 && !isUsed(groups[group].end - 1, in: group) { groups[group].end -= 1 }
  }

  private func isUsed(_ index: Int, in group: Int) -> Bool { bitmaps[group][index / 8] >> UInt8(index % 8) & 1 == 1 }

  private mutating func use(_ place: Place) {
    let group = place.group
    if bitmaps[group].isEmpty {
      // Bits after the group's inodes are set.
      bitmaps[group] =
        Array(repeating: 0, count: inodesPerGroup / 8)
        + Array(repeating: 0xFF, count: GroupGeometry.blockSize - inodesPerGroup / 8)
    }
    guard !isUsed(place.index, in: group) else { return }
    bitmaps[group][place.index / 8] |= 1 << UInt8(place.index % 8)
    groups[group].count += 1
    groups[group].end = max(groups[group].end, place.index + 1)
  }
}
