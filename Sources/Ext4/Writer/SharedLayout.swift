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
    let difference = try TreeDifference(tree, base: base)
    let last = difference.changed.last?.entry.number ?? 0
    guard Int(last) <= base.placement.geometry.inodeCount else { return nil }
    let nodes = try ChangedNodes(difference, NodeMaker(tree, facts: difference.facts, options: options), base: base)

    let freed = nodes.freed.sorted { $0.lowerBound < $1.lowerBound }
    var placing = Placing(allocator: BlockAllocator(free: Self.region(base.placement.free) + freed))
    let places = placing.place(nodes.toPlace)
    guard placing.allocator.missing == 0 else { return nil }

    var tables = SharedTables(base, checksums: options.checksums)
    var pieces = BlockPieces(nodes.toPlace, blockSource: options.blockSource)
    tables.mark(freed, used: false)
    for index in difference.removed { tables.remove(base.names.entries[index].number) }
    for (index, change) in nodes.changes.enumerated() {
      let placed = placing.blocks(at: places[index])
      tables.mark(placed.ranges, used: true)
      if change.base != nil { tables.remove(change.node.number) }
      let map = NodeMap(change.node, change.blocks(placed), checksums: options.checksums)
      tables.store(map)
      for extent in placed.extents { pieces.append(extent, ofNode: index) }
      pieces.append(change, map)
    }
    tables.finish()
    superblock = tables.superblock(options: options)
    pieces.append(tables, of: base)
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
  /// Adds what hangs from a changed inode and is not its new content.
  fileprivate mutating func append(_ change: ChangedNodes.Change, _ map: NodeMap) {
    if !change.keepsContent { for block in map.treeBlocks { append(block.bytes, at: block.number) } }
    for block in change.rewritten { append(block.bytes, at: block.number) }
    if let block = map.xattrBlock, change.base?.xattrs.block != change.node.xattrs.block {
      append(block, at: map.place.xattrBlock)
    }
  }

  /// Adds those blocks of the tables, bitmaps and descriptors that differ from the base's.
  fileprivate mutating func append(_ tables: SharedTables, of base: Ext4Base) {
    let geometry = base.placement.geometry
    for place in tables.changedBlocks {
      guard let bytes = tables.inodes.block(at: place), bytes != base.inodes.block(at: place) else { continue }
      append(bytes, at: geometry.tables[place.group].inodeTable + place.block)
    }
    for group in tables.changedGroups {
      let bitmap = tables.groups.blockBitmaps[group]
      if bitmap != base.groups.blockBitmaps[group] { append(bitmap, at: geometry.tables[group].blockBitmap) }
      // One of a group without inodes is not looked at, and may stay.
      let inodes = tables.inodes.bitmaps[group]
      if tables.inodes.groups[group].end > 0 && inodes != base.inodes.bitmaps[group] {
        append(inodes, at: geometry.tables[group].inodeBitmap)
      }
    }
    // Only the first table: the kernel keeps none of the copies up to date, and e2fsck that reads one counts anew.
    for block in 0..<geometry.descriptorBlocks {
      let range = block * GroupGeometry.blockSize..<(block + 1) * GroupGeometry.blockSize
      let bytes = tables.groups.table[range]
      if bytes != base.groups.table[range] { append(Array(bytes), at: 1 + block) }
    }
  }

  /// Adds the superblocks. The backups keep the base's counts, which no driver updates in backups either, and get the node's
  /// UUID: e2fsck rewrites backups that have another one (check_backup_super_block, e2fsck/super.c), and a recovery from a
  /// backup must not change the file system's UUID.
  fileprivate mutating func append(_ superblock: SuperblockRecord, base: Ext4Base) {
    append(superblock.block(group: 0), at: 0)
    var copy = base.superblock
    copy.options.uuid = superblock.options.uuid
    for group in superblock.geometry.superblockGroups.dropFirst() {
      append(copy.block(group: group), at: group * GroupGeometry.blocksPerGroup)
    }
  }
}
