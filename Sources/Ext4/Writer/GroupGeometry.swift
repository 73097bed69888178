import Bytes

/// What a file system lacks to hold a tree: this many blocks more, at least.
struct Shortfall: Error {
  var blocks: Int
}

/// Where the fixed structures of a file system lie: how many groups there are, and each group's tables.
struct GroupGeometry: Sendable {
  /// Everything is counted in blocks of this many bytes.
  static let blockSize = 4096
  /// One block of bitmap tells of this many blocks, or inodes.
  static let blocksPerGroup = 8 * blockSize
  static let inodeSize = 256
  static let inodesPerBlock = blockSize / inodeSize
  /// Without INCOMPAT 64bit.
  static let descriptorSize = 32
  static let descriptorsPerBlock = blockSize / descriptorSize
  /// What flex_bg packs together: the tables of so many groups lie in the first of them.
  static let groupsPerFlex = 16
  /// The most blocks that 32-bit descriptors reach.
  static let mostBlocks = Int(UInt32.max)
  /// mke2fs drops a last group that would not have so many blocks for data (lib/ext2fs/initialize.c).
  fileprivate static let leastDataBlocks = 50

  /// The blocks of the file system; what a too small last group would hold is left out.
  let blockCount: Int
  let groupCount: Int
  /// About the fewest blocks that give a larger file system: a last group too small for a few files is left out.
  let nextBlockCount: Int
  /// The blocks of the descriptor table.
  let descriptorBlocks: Int
  /// The blocks kept after each copy of the descriptor table for growing.
  let reservedDescriptorBlocks: Int
  let inodesPerGroup: Int
  /// Each group's tables.
  let tables: [Tables]
  /// The blocks of all that is counted above, ascending; ranges do not touch the ones before them.
  let metadata: [Range<Int>]

  /// The first block of each of a group's tables.
  struct Tables: Sendable {
    var blockBitmap = 0
    var inodeBitmap = 0
    var inodeTable = 0
  }

  /// The geometry of a file system of up to `blocks` blocks, with room for `inodes` inodes or more.
  ///
  /// - Throws: `Shortfall` if so few blocks cannot hold the tables.
  init(blocks: Int, inodes: Int) throws(Shortfall) {
    // mke2fs's ratio (one inode each 16 KiB), so that a file system that grows keeps it.
    let inodes = max(inodes, blocks * Self.blockSize / 16384)
    var groups = blocks.dividedRoundingUp(by: Self.blocksPerGroup)
    guard groups > 0, inodes <= groups * Self.blocksPerGroup else {
      let least = inodes.dividedRoundingUp(by: Self.blocksPerGroup) * Self.blocksPerGroup
      throw Shortfall(blocks: max(1, least - blocks))
    }
    var sizes = Sizes(blocks: blocks, groups: groups, inodes: inodes)
    let last = blocks - (groups - 1) * Self.blocksPerGroup
    let least = sizes.leastBlocks(ofLastGroup: groups - 1)
    var count = blocks
    if last < least {
      guard groups > 1 else { throw Shortfall(blocks: least - last) }
      groups -= 1
      count = groups * Self.blocksPerGroup
      guard inodes <= count else { throw Shortfall(blocks: least - last) }
      sizes = Sizes(blocks: count, groups: groups, inodes: inodes)
    }
    blockCount = count
    groupCount = groups
    descriptorBlocks = sizes.descriptorBlocks
    reservedDescriptorBlocks = sizes.reservedDescriptorBlocks
    inodesPerGroup = sizes.inodesPerGroup
    nextBlockCount =
      count % Self.blocksPerGroup == 0 ? count + sizes.leastBlocks(ofLastGroup: groups) : count + 1
    (tables, metadata) = sizes.place(groups: groups)
  }

  /// The inodes of the file system, used or not.
  var inodeCount: Int { groupCount * inodesPerGroup }

  /// The blocks of one group's inode table.
  var inodeTableBlocks: Int { inodesPerGroup / Self.inodesPerBlock }

  /// The blocks of `group`; the last one may be shorter.
  func blocks(of group: Int) -> Range<Int> {
    group * Self.blocksPerGroup..<min((group + 1) * Self.blocksPerGroup, blockCount)
  }

  /// The blocks at the start of `group` that hold a superblock, the descriptors and room for more; none in most.
  func headerBlocks(of group: Int) -> Int {
    Self.hasSuperblock(group) ? 1 + descriptorBlocks + reservedDescriptorBlocks : 0
  }

  /// Whether `group` holds a superblock.
  static func hasSuperblock(_ group: Int) -> Bool { BackupGroups.sparse.contains(group) }

  /// The groups with a superblock, ascending.
  var superblockGroups: [Int] { (0..<groupCount).filter(Self.hasSuperblock) }
}

/// The sizes of a geometry's parts, before any has its place.
private struct Sizes {
  let descriptorBlocks: Int
  let reservedDescriptorBlocks: Int
  let inodesPerGroup: Int

  typealias Geometry = GroupGeometry

  init(blocks: Int, groups: Int, inodes: Int) {
    descriptorBlocks = groups.dividedRoundingUp(by: Geometry.descriptorsPerBlock)
    // Room to grow to 1024 times the size (calc_reserved_gdt_blocks in lib/ext2fs/initialize.c); the resize inode
    // can name one block's worth.
    let most = min(blocks * 1024, Geometry.mostBlocks)
    let mostGroups = most.dividedRoundingUp(by: Geometry.blocksPerGroup)
    let mostDescriptors = mostGroups.dividedRoundingUp(by: Geometry.descriptorsPerBlock)
    reservedDescriptorBlocks = min(mostDescriptors - descriptorBlocks, Geometry.blockSize / 4)
    inodesPerGroup = inodes.dividedRoundingUp(by: groups).rounded(upTo: Geometry.inodesPerBlock)
  }

  private var headerBlocks: Int { 1 + descriptorBlocks + reservedDescriptorBlocks }
  private var tableBlocks: Int { inodesPerGroup / Geometry.inodesPerBlock }

  /// What the last group must have: its copy of the superblock, its tables if no group before it takes them in.
  func leastBlocks(ofLastGroup group: Int) -> Int {
    let header = Geometry.hasSuperblock(group) ? headerBlocks : 0
    let own = group.isMultiple(of: Geometry.groupsPerFlex) ? 2 + tableBlocks : 0
    return header + own + Geometry.leastDataBlocks
  }

  /// The tables of all groups and all blocks taken, packed by flex_bg.
  func place(groups: Int) -> (tables: [Geometry.Tables], metadata: [Range<Int>]) {
    var tables = [Geometry.Tables](repeating: .init(), count: groups)
    var taken: [Range<Int>] = []
    for group in 0..<groups where Geometry.hasSuperblock(group) {
      let start = group * Geometry.blocksPerGroup
      taken.append(start..<start + headerBlocks)
    }
    for first in stride(from: 0, to: groups, by: Geometry.groupsPerFlex) {
      var next = first * Geometry.blocksPerGroup
      let flex = first..<min(first + Geometry.groupsPerFlex, groups)
      for group in flex { tables[group].blockBitmap = take(1, from: &next, into: &taken) }
      for group in flex { tables[group].inodeBitmap = take(1, from: &next, into: &taken) }
      for group in flex { tables[group].inodeTable = take(tableBlocks, from: &next, into: &taken) }
    }
    return (tables, joined(taken))
  }

  /// `count` blocks from `next` on, after the superblock copy that lies in the way, if one does.
  private func take(_ count: Int, from next: inout Int, into taken: inout [Range<Int>]) -> Int {
    for group in [next / Geometry.blocksPerGroup, (next + count - 1) / Geometry.blocksPerGroup] {
      let start = group * Geometry.blocksPerGroup
      if Geometry.hasSuperblock(group) && next < start + headerBlocks && start < next + count {
        next = start + headerBlocks
      }
    }
    taken.append(next..<next + count)
    defer { next += count }
    return next
  }

  private func joined(_ ranges: [Range<Int>]) -> [Range<Int>] {
    var joined: [Range<Int>] = []
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = joined.last, last.upperBound == range.lowerBound {
        joined[joined.count - 1] = last.lowerBound..<range.upperBound
      } else {
        joined.append(range)
      }
    }
    return joined
  }
}
