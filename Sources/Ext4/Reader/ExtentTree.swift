import Bytes

extension MetadataReader {
  /// Adds the extents of `inode`, whose tree starts with the 60 bytes `root`.
  mutating func mapExtents(of inode: DiskInode, root: Span<UInt8>, into map: inout ContentMap) throws(Ext4Error) {
    let header = try ExtentHeader(parsing: root, depth: nil, of: inode.number)
    try mapNode(root, header, within: 0..<1 << 32, of: inode, into: &map)
  }

  /// Adds the extents beneath one node; recursion ends because the depth falls by one each time.
  ///
  /// - Parameter range: the blocks of the file that the node may speak of.
  private mutating func mapNode(
    _ node: Span<UInt8>, _ header: ExtentHeader, within range: Range<Int>, of inode: DiskInode,
    into map: inout ContentMap
  ) throws(Ext4Error) {
    guard header.depth > 0 else { return try mapLeaf(node, header, within: range, of: inode, into: &map) }
    guard header.count > 0 else { throw .corrupt(.emptyExtentIndex, at: .inode(inode.number)) }
    for index in 0..<header.count {
      let entry = node.extracting(12 + 12 * index..<24 + 12 * index)
      let ei_block = Int(entry.le(0, as: UInt32.self))
      let next = index + 1 < header.count ? Int(node.le(24 + 12 * index, as: UInt32.self)) : range.upperBound
      guard range.contains(ei_block), ei_block < next, next <= range.upperBound else {
        throw .corrupt(.extentIndexOrder(block: ei_block), at: .inode(inode.number))
      }
      let child = Int(entry.le(4, as: UInt32.self)) | Int(entry.le(8, as: UInt16.self)) << 32
      let bytes = try block(child, of: inode.number)
      let childHeader = try ExtentHeader(parsing: bytes.span, depth: header.depth - 1, of: inode.number)
      try checkExtentBlock(bytes.span, childHeader, block: child, of: inode)
      try mapNode(bytes.span, childHeader, within: ei_block..<next, of: inode, into: &map)
    }
  }

  private func mapLeaf(
    _ node: Span<UInt8>, _ header: ExtentHeader, within range: Range<Int>, of inode: DiskInode,
    into map: inout ContentMap
  ) throws(Ext4Error) {
    var end = range.lowerBound
    for index in 0..<header.count {
      let entry = node.extracting(12 + 12 * index..<24 + 12 * index)
      let ee_block = Int(entry.le(0, as: UInt32.self))
      let ee_len = Int(entry.le(4, as: UInt16.self))
      // More than 32,768 blocks mean as many less, allocated but never written: they read as zeros.
      let isUnwritten = ee_len > 32_768
      let count = isUnwritten ? ee_len - 32_768 : ee_len
      guard count > 0, ee_block >= end, ee_block + count <= range.upperBound else {
        throw .corrupt(.extentOrder(block: ee_block), at: .inode(inode.number))
      }
      end = ee_block + count
      let start = Int(entry.le(8, as: UInt32.self)) | Int(entry.le(6, as: UInt16.self)) << 32
      if isUnwritten {
        try checkRange(start, count: count, of: inode.number)
      } else {
        try append(ee_block, start, count: count, of: inode.number, to: &map)
      }
    }
  }

  private func checkExtentBlock(
    _ bytes: Span<UInt8>, _ header: ExtentHeader, block: Int, of inode: DiskInode
  ) throws(Ext4Error) {
    guard superblock.checksums != nil else { return }
    let tail = 12 + 12 * header.limit
    guard tail + 4 <= bytes.count,
      bytes.le(tail, as: UInt32.self) == MetadataChecksums.extentBlock(bytes, tail: tail, seed: inode.checksumSeed)
    else { return try policy.meetWrongChecksum(at: .block(block, inode: inode.number)) }
  }
}

/// What an extent tree's node starts with (struct ext4_extent_header).
private struct ExtentHeader {
  /// How many entries are in use.
  let count: Int
  /// How many entries there is room for.
  let limit: Int
  /// How many levels lie beneath: 0 for a leaf.
  let depth: Int

  /// Parses the start of `node`; its entries lie within it.
  ///
  /// - Parameter expected: the depth that the node above demands; nil for the root.
  init(parsing node: Span<UInt8>, depth expected: Int?, of inode: UInt32) throws(Ext4Error) {
    let eh_magic: UInt16 = node.le(0)
    guard eh_magic == Magic.extentHeader else { throw .corrupt(.noExtentTree, at: .inode(inode)) }
    count = Int(node.le(2, as: UInt16.self))
    limit = Int(node.le(4, as: UInt16.self))
    depth = Int(node.le(6, as: UInt16.self))
    guard count <= limit, limit <= (node.count - 12) / 12 else {
      throw .corrupt(.extentCount(count, room: limit), at: .inode(inode))
    }
    // Five levels hold all blocks that a file can have (EXT4_MAX_EXTENT_DEPTH).
    guard depth <= 5, expected == nil || depth == expected else {
      throw .corrupt(.extentDepth(depth), at: .inode(inode))
    }
  }
}
