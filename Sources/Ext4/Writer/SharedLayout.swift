import Bytes
import FileTree

/// How the file system of a tree differs from that of its base.
///
/// Numbers and blocks stay where the base has them. What the tree holds otherwise goes to a region of its own: it costs
/// the bitmaps of the blocks that it leaves, which lie close together, but no block amid the base's contents. What is
/// held as bytes, directories above all, stays in place while it has as many blocks as before: the base has all of
/// that in one stretch.
struct SharedLayout {
  /// The blocks that differ.
  let pieces: BlockPieces
  let superblock: SuperblockRecord

  /// An own region starts at a multiple of this many blocks (1 MiB): what is done for whole chunks of that size is
  /// done once for all the chunks before it.
  private static let alignment = 256

  /// How `tree`, which has a lost+found, differs; nil if it does not fit.
  ///
  /// - Throws: `NodeProblem` for something that ext4 cannot hold.
  init?(_ tree: FileTree, options: Ext4Options, base: Ext4Base) throws(NodeProblem) {
    let geometry = base.placement.geometry
    let checksums = options.checksums
    let names = try NamedInodes(tree, base: base.names)
    guard let last = names.entries.last, Int(last.number) <= geometry.inodeCount else { return nil }
    let difference = TreeDifference(tree, names, base: base)
    let nodes = try ChangedNodes(difference, NodeMaker(tree, names: names, options: options), base: base)

    let freed = nodes.freed.sorted { $0.lowerBound < $1.lowerBound }
    var placing = Placing(allocator: BlockAllocator(free: Self.region(base.placement.free) + freed))
    let places = placing.place(nodes.toPlace)
    guard placing.allocator.missing == 0 else { return nil }

    var inodes = base.inodes
    var groups = base.groups
    var pieces = BlockPieces(nodes.toPlace, blockSource: options.blockSource)
    var touched: Set<Int> = []
    var tableBlocks: Set<Int> = []
    func touch(_ number: UInt32) {
      let place = base.inodes.place(of: number)
      touched.insert(place.group)
      tableBlocks.insert((Int(number) - 1) / GroupGeometry.inodesPerBlock)
    }
    var freeBlocks = base.superblock.freeBlocks
    for range in freed {
      touched.formUnion(groups.mark(range, used: false))
      freeBlocks += range.count
    }
    for index in difference.removed {
      let number = base.names.entries[index].number
      inodes.remove(number)
      touch(number)
    }
    for (index, change) in nodes.changes.enumerated() {
      let own = placing.blocks(at: places[index])
      for range in own.ranges {
        touched.formUnion(groups.mark(range, used: true))
        freeBlocks -= range.count
      }
      for extent in own.extents { pieces.append(extent, ofNode: index) }
      let map = NodeMap(change.node, change.blocks(own), checksums: checksums)
      if change.base != nil { inodes.remove(change.node.number) }
      map.store(in: &inodes, checksums: checksums)
      touch(change.node.number)
      if !change.keepsContent { for block in map.treeBlocks { pieces.append(block.bytes, at: block.number) } }
      if let block = map.xattrBlock, change.base?.xattrs.block != change.node.xattrs.block {
        pieces.append(block, at: map.place.xattrBlock)
      }
      for block in change.rewritten { pieces.append(block.bytes, at: block.number) }
    }
    for group in touched.sorted() { groups.describe(group, inodes: inodes) }

    superblock = SuperblockRecord(
      geometry: geometry, options: options, freeBlocks: freeBlocks,
      freeInodes: geometry.inodeCount - inodes.groups.reduce(0) { $0 + $1.count }, journal: base.superblock.journal)
    pieces.append(tableBlocks, of: inodes, base: base)
    pieces.append(touched, of: groups, inodes, base: base)
    pieces.append(superblock, base: base)
    self.pieces = pieces
  }

  /// The blocks that the base leaves free, in the order in which they are to be taken.
  private static func region(_ free: [Range<Int>]) -> [Range<Int>] {
    guard let first = free.first else { return [] }
    let start = first.lowerBound.rounded(upTo: alignment)
    guard start < first.upperBound else { return free }
    let skipped = first.lowerBound..<start
    return [start..<first.upperBound] + free.dropFirst() + (skipped.isEmpty ? [] : [skipped])
  }
}

extension NodeBlocks {
  /// The blocks, in no order.
  var ranges: [Range<Int>] {
    extents.map { $0.physical..<$0.physical + $0.count } + treeBlocks.map { $0..<$0 + 1 }
      + (xattrBlock == 0 ? [] : [xattrBlock..<xattrBlock + 1])
  }
}

extension BlockPieces {
  /// Adds those of the inode tables' blocks, counted through all groups, that differ from the base's.
  fileprivate mutating func append(_ blocks: Set<Int>, of inodes: InodeTableRecords, base: Ext4Base) {
    let geometry = base.placement.geometry
    for block in blocks.sorted() {
      let place = inodes.place(of: UInt32(block * GroupGeometry.inodesPerBlock + 1))
      guard let bytes = inodes.block(at: place), bytes != base.inodes.block(at: place) else { continue }
      append(bytes, at: geometry.tables[place.group].inodeTable + place.block)
    }
  }

  /// Adds what differs from the base of the bitmaps of some groups, and of the descriptors.
  fileprivate mutating func append(
    _ touched: Set<Int>, of groups: GroupRecords, _ inodes: InodeTableRecords, base: Ext4Base
  ) {
    let geometry = base.placement.geometry
    for group in touched.sorted() {
      let tables = geometry.tables[group]
      if groups.blockBitmaps[group] != base.groups.blockBitmaps[group] {
        append(groups.blockBitmaps[group], at: tables.blockBitmap)
      }
      // One that is no longer looked at may stay.
      if inodes.groups[group].end > 0 && inodes.bitmaps[group] != base.inodes.bitmaps[group] {
        append(inodes.bitmaps[group], at: tables.inodeBitmap)
      }
    }
    // Only the first table: the kernel keeps none of the copies up to date, and e2fsck that reads one of them counts anew.
    for block in 0..<geometry.descriptorBlocks {
      let range = block * GroupGeometry.blockSize..<(block + 1) * GroupGeometry.blockSize
      if groups.table[range] != base.groups.table[range] { append(Array(groups.table[range]), at: 1 + block) }
    }
  }

  /// Adds the superblocks. The copies have the base's counts, for nobody keeps them up to date either, but the UUID:
  /// e2fsck writes copies anew that have another (check_backup_super_block, e2fsck/super.c), and who must recover from
  /// one should get the file system's own name.
  fileprivate mutating func append(_ superblock: SuperblockRecord, base: Ext4Base) {
    append(superblock.block(group: 0), at: 0)
    var copy = base.superblock
    copy.options.uuid = superblock.options.uuid
    for group in superblock.geometry.superblockGroups.dropFirst() {
      append(copy.block(group: group), at: group * GroupGeometry.blocksPerGroup)
    }
  }
}
