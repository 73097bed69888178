/// The tables of a base, being changed into those of a tree made from it; what does not change stays shared.
struct SharedTables {
  private(set) var inodes: InodeTableRecords
  private(set) var groups: GroupRecords
  private let base: SuperblockRecord
  private let checksums: MetadataChecksums
  private var freeBlocks: Int
  /// The groups of which a bitmap or a count changed.
  private var touched: Set<Int> = []
  /// The blocks of inode tables that were written to, counted through all groups.
  private var written: Set<Int> = []

  /// The tables of `base`.
  init(_ base: Ext4Base, checksums: MetadataChecksums) {
    inodes = base.inodes
    groups = base.groups
    self.base = base.superblock
    self.checksums = checksums
    freeBlocks = base.superblock.freeBlocks
  }

  /// Notes that something lies in the blocks of `ranges` now, or no longer.
  mutating func mark(_ ranges: [Range<Int>], used: Bool) {
    for range in ranges {
      touched.formUnion(groups.mark(range, used: used))
      freeBlocks += used ? -range.count : range.count
    }
  }

  /// Frees the inode `number`.
  mutating func remove(_ number: UInt32) {
    inodes.remove(number)
    touch(number)
  }

  /// Stores an inode under a number that is not in use.
  mutating func store(_ map: NodeMap) {
    map.store(in: &inodes, checksums: checksums)
    touch(map.node.number)
  }

  /// Brings the descriptors up to date, after all else.
  mutating func finish() {
    for group in changedGroups { groups.describe(group, inodes: inodes) }
  }

  /// The groups that may differ from the base's, ascending.
  var changedGroups: [Int] { touched.sorted() }

  /// The first inode of each block of an inode table that may differ from the base's, ascending.
  var changedBlocks: [InodeTableRecords.Place] {
    written.sorted().map { inodes.place(of: UInt32($0 * GroupGeometry.inodesPerBlock + 1)) }
  }

  /// The superblock with the counts as they are now.
  func superblock(options: Ext4Options) -> SuperblockRecord {
    var superblock = base
    superblock.options = options
    superblock.freeBlocks = freeBlocks
    superblock.freeInodes = base.geometry.inodeCount - inodes.groups.reduce(0) { $0 + $1.count }
    return superblock
  }

  private mutating func touch(_ number: UInt32) {
    touched.insert(inodes.place(of: number).group)
    written.insert((Int(number) - 1) / GroupGeometry.inodesPerBlock)
  }
}
