import Bytes
import FileTree
import Storage

/// All that lies in a file system of which every place is known.
struct Emission {
  let inodes: InodeTableRecords
  let groups: GroupRecords
  let superblock: SuperblockRecord
  /// What is not zero.
  let pieces: BlockPieces

  init(_ nodes: [Node], _ placement: Placement, options: Ext4Options) {
    let geometry = placement.geometry
    let checksums = options.checksums
    var pieces = BlockPieces(nodes, blockSource: options.blockSource)
    var inodes = InodeTableRecords(geometry)

    let resize = ResizeInode(geometry, block: placement.resizeBlock, options: options)
    inodes.store(resize.record, number: ReservedInode.resize, place: resize.place, checksums: checksums)
    pieces.append(resize.doublyIndirect, at: placement.resizeBlock)
    if !resize.reserved.isEmpty { pieces.append(resize.reserved, at: 1 + geometry.descriptorBlocks) }

    var journal: (blockField: [UInt8], size: Int)?
    if let (node, blocks) = placement.journal {
      let map = NodeMap(node, blocks, checksums: checksums)
      map.store(in: &inodes, checksums: checksums)
      for block in map.treeBlocks { pieces.append(block.bytes, at: block.number) }
      journal = (map.place.blockField, node.record.size)
      // The rest of the journal is zero.
      if case .bytes(let superblock, _) = node.payload, let first = blocks.extents.first {
        pieces.append(superblock, at: first.physical)
      }
    }
    for (index, node) in nodes.enumerated() {
      let blocks = placement.blocks(of: index)
      for extent in blocks.extents { pieces.append(extent, ofNode: index) }
      let map = NodeMap(node, blocks, checksums: checksums)
      map.store(in: &inodes, checksums: checksums)
      for block in map.treeBlocks { pieces.append(block.bytes, at: block.number) }
      if let block = map.xattrBlock { pieces.append(block, at: blocks.xattrBlock) }
    }

    groups = GroupRecords(geometry, free: placement.free, inodes: inodes, checksums: checksums)
    superblock = SuperblockRecord(
      geometry: geometry, options: options, freeBlocks: placement.free.reduce(0) { $0 + $1.count },
      freeInodes: geometry.inodeCount - inodes.groups.reduce(0) { $0 + $1.count }, journal: journal)
    self.inodes = inodes
    for (group, tables) in geometry.tables.enumerated() {
      for (index, block) in inodes.tables[group].enumerated() { pieces.append(block, at: tables.inodeTable + index) }
      if inodes.groups[group].end > 0 { pieces.append(inodes.bitmaps[group], at: tables.inodeBitmap) }
      if !groups.blockBitmaps[group].isEmpty { pieces.append(groups.blockBitmaps[group], at: tables.blockBitmap) }
    }
    for group in geometry.superblockGroups {
      let block = group * GroupGeometry.blocksPerGroup
      pieces.append(superblock.block(group: group), at: block)
      pieces.append(groups.table, at: block + 1)
    }
    self.pieces = pieces
  }
}

/// What a node's inode says of its blocks, and the blocks that are not its content.
struct NodeMap {
  let node: Node
  let place: InodeRecord.Place
  /// The blocks of the extent tree.
  let treeBlocks: [(number: Int, bytes: [UInt8])]
  /// The block of extended attributes.
  let xattrBlock: [UInt8]?

  init(_ node: Node, _ blocks: NodeBlocks, checksums: MetadataChecksums) {
    self.node = node
    var place = InodeRecord.Place(blocks: blocks.count, xattrBlock: blocks.xattrBlock)
    var treeBlocks: [(number: Int, bytes: [UInt8])] = []
    switch node.payload {
    case .none: break
    case .field(let bytes): place.blockField = bytes
    case .bytes, .leaf, .file:
      let tree = ExtentTreeRecord(
        blocks.extents, blocks: blocks.treeBlocks,
        seed: checksums.inodeSeed(number: node.number, generation: 0))
      place.blockField = tree.root
      treeBlocks = tree.blocks
    }
    self.place = place
    self.treeBlocks = treeBlocks
    xattrBlock =
      blocks.xattrBlock == 0 ? nil : node.xattrs.block(at: blocks.xattrBlock, checksums: checksums)
  }

  /// Stores the inode.
  func store(in inodes: inout InodeTableRecords, checksums: MetadataChecksums) {
    inodes.store(
      node.record, number: node.number, place: place, xattrs: node.xattrs.inInode, checksums: checksums)
  }
}
