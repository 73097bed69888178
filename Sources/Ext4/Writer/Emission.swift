import Bytes
import FileTree
import Storage

/// All that lies in a file system of which every place is known.
struct Emission {
  let geometry: GroupGeometry
  private(set) var freeBlocks = 0
  private(set) var freeInodes = 0
  private let nodes: [Node]
  private let checksums: MetadataChecksums
  /// What is not zero, in the order of its blocks once all is there.
  private var pieces: [Piece] = []

  private struct Piece {
    var block: Int
    var content: Content
  }

  private enum Content {
    /// Bytes, which may end before a block does.
    case bytes([UInt8])
    /// So many blocks of what a node holds, from one on.
    case node(Int, logical: Int, count: Int)
  }

  init(_ nodes: [Node], _ placement: Placement, options: Ext4Options) {
    self.nodes = nodes
    geometry = placement.geometry
    checksums = MetadataChecksums(uuid: options.uuid)
    pieces.reserveCapacity(nodes.count)
    var inodes = InodeTableRecords(geometry)

    let resize = ResizeInode(geometry, block: placement.resizeBlock, options: options)
    inodes.store(resize.record, number: ReservedInode.resize, place: resize.place, checksums: checksums)
    append(resize.doublyIndirect, at: placement.resizeBlock)
    append(resize.reserved, at: 1 + geometry.descriptorBlocks)

    var journal: (blockField: [UInt8], size: Int)?
    if let (node, place) = placement.journal {
      journal = (appendMap(of: node, place, placement, to: &inodes), node.record.size)
      // The rest of the journal is zero.
      if case .bytes(let superblock, _) = node.payload, let first = placement.extents(of: place).first {
        append(superblock, at: first.physical)
      }
    }
    for (index, place) in placement.places.enumerated() {
      for extent in placement.extents(of: place) {
        let content = Content.node(index, logical: extent.logical, count: extent.count)
        pieces.append(Piece(block: extent.physical, content: content))
      }
      _ = appendMap(of: nodes[index], place, placement, to: &inodes)
    }
    appendTables(inodes, placement, journal: journal, options: options)
    pieces.sort { $0.block < $1.block }
  }

  /// The runs of a place of `size` bytes with the file system at its start.
  func runs(size: Int) -> [Run] {
    var list = RunList()
    for piece in pieces {
      list.zeros(upTo: piece.block * GroupGeometry.blockSize)
      switch piece.content {
      case .bytes(let bytes): list.append(.bytes(bytes))
      case .node(let index, let logical, let count): append(nodes[index].payload, logical, count, to: &list)
      }
    }
    list.zeros(upTo: size)
    return list.runs
  }

  private mutating func append(_ bytes: [UInt8], at block: Int) {
    pieces.append(Piece(block: block, content: .bytes(bytes)))
  }

  /// Appends a node's inode, and its blocks that hold no data.
  ///
  /// - Returns: i_block.
  private mutating func appendMap(
    of node: Node, _ place: Placement.Place, _ placement: Placement, to inodes: inout InodeTableRecords
  ) -> [UInt8] {
    var inode = InodeRecord.Place(blocks: placement.blockCount(of: place), xattrBlock: place.xattrBlock)
    switch node.payload {
    case .none: break
    case .field(let bytes): inode.blockField = bytes
    case .bytes, .file:
      let tree = ExtentTreeRecord(
        placement.extents(of: place), blocks: placement.treeBlocks(of: place),
        seed: checksums.inodeSeed(number: node.number, generation: 0))
      inode.blockField = tree.root
      for block in tree.blocks { append(block.bytes, at: block.number) }
    }
    if place.xattrBlock != 0 {
      append(node.xattrs.block(at: place.xattrBlock, checksums: checksums), at: place.xattrBlock)
    }
    inodes.store(node.record, number: node.number, place: inode, xattrs: node.xattrs.inInode, checksums: checksums)
    return inode.blockField
  }

  /// Appends what describes the file system itself.
  private mutating func appendTables(
    _ inodes: InodeTableRecords, _ placement: Placement, journal: (blockField: [UInt8], size: Int)?,
    options: Ext4Options
  ) {
    for (tables, bytes) in zip(geometry.tables, inodes.tables) { append(bytes, at: tables.inodeTable) }
    let descriptors = GroupRecords(geometry, free: placement.free, inodes: inodes, checksums: checksums)
    for bitmap in descriptors.bitmaps { append(bitmap.bytes, at: bitmap.block) }
    freeBlocks = placement.free.reduce(0) { $0 + $1.count }
    freeInodes = geometry.inodeCount - inodes.groups.reduce(0) { $0 + $1.count }
    let superblock = SuperblockRecord(
      geometry: geometry, options: options, freeBlocks: freeBlocks, freeInodes: freeInodes, journal: journal)
    for group in geometry.superblockGroups {
      let block = group * GroupGeometry.blocksPerGroup
      // The first one leaves room for a boot sector.
      let room = group == 0 ? [UInt8](repeating: 0, count: 1024) : []
      append(room + superblock.bytes(group: group), at: block)
      append(descriptors.table, at: block + 1)
    }
  }

  /// Appends `count` blocks of `payload`, from the block `logical` on.
  private func append(_ payload: Node.Payload, _ logical: Int, _ count: Int, to list: inout RunList) {
    let blockSize = GroupGeometry.blockSize
    let range = logical * blockSize..<(logical + count) * blockSize
    switch payload {
    case .none, .field: break
    case .bytes(let bytes, _):
      let part = range.clamped(to: 0..<bytes.count)
      list.append(.bytes(part.count == bytes.count ? bytes : Array(bytes[part])))
    case .file(let content, _): list.append(content, range)
    }
  }
}

extension RunList {
  /// Appends the bytes of `content` in `range`, which may go past its end; zeros where it has none.
  fileprivate mutating func append(_ content: FileContent, _ range: Range<Int>) {
    let start = end
    let extents = content.extents
    for extent in extents[extents.firstIndex(endingBehind: range.lowerBound)...] {
      guard extent.offset < range.upperBound else { break }
      let part = (extent.offset..<extent.offset + extent.count).clamped(to: range)
      guard !part.isEmpty else { continue }
      zeros(upTo: start + part.lowerBound - range.lowerBound)
      let source = extent.sourceOffset + part.lowerBound - extent.offset
      append(content.run(of: FileExtent(offset: part.lowerBound, sourceOffset: source, count: part.count)))
    }
    zeros(upTo: start + range.count)
  }
}

extension [FileExtent] {
  /// The index of the first extent that ends behind `offset`.
  fileprivate func firstIndex(endingBehind offset: Int) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if self[middle].offset + self[middle].count <= offset { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
