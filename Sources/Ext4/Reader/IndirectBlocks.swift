import Bytes

extension MetadataReader {
  /// Adds the blocks of `inode` as ext2 and ext3 number them: twelve in `i_block`, the others in one, two and three
  /// levels of blocks full of numbers.
  mutating func mapBlocks(of inode: DiskInode, _ i_block: Span<UInt8>, into map: inout ContentMap) throws(Ext4Error) {
    let perBlock = superblock.blockSize / 4
    let limit = 12 + perBlock + perBlock * perBlock + perBlock * perBlock * perBlock
    guard inode.size.dividedRoundingUp(by: superblock.blockSize) <= limit else {
      throw .corrupt(.size(UInt64(inode.size)), at: .inode(inode.number))
    }
    try mapPointers(i_block.extracting(0..<48), level: 0, from: 0, of: inode.number, into: &map)
    var start = 12
    var span = perBlock
    for level in 1...3 {
      let pointer = i_block.extracting(44 + 4 * level..<48 + 4 * level)
      try mapPointers(pointer, level: level, from: start, of: inode.number, into: &map)
      start += span
      span *= perBlock
    }
  }

  /// Adds what `pointers` lead to: data at level 0, else blocks with pointers of the level beneath.
  ///
  /// - Parameter start: the first block of the file that they speak of.
  private mutating func mapPointers(
    _ pointers: Span<UInt8>, level: Int, from start: Int, of inode: UInt32, into map: inout ContentMap
  ) throws(Ext4Error) {
    var logical = start
    let span = (0..<level).reduce(1) { span, _ in span * (superblock.blockSize / 4) }
    for offset in stride(from: 0, to: pointers.count, by: 4) {
      // What lies past the end of the file does not count.
      guard logical * superblock.blockSize < map.size else { return }
      let pointer = Int(pointers.le(offset, as: UInt32.self))
      if pointer != 0 && level == 0 {
        try append(logical, pointer, count: 1, of: inode, to: &map)
      } else if pointer != 0 {
        let block = try block(pointer, of: inode)
        try mapPointers(block.span, level: level - 1, from: logical, of: inode, into: &map)
      }
      logical += span
    }
  }
}
