/// Which blocks have been read as metadata.
///
/// No block belongs to two directories, extent trees or the like. Refusing the second use bounds the time and memory
/// that a hostile image can take by its size.
struct BlockClaims {
  /// A bit for each block, 32,768 to a page.
  private var pages: [Int: [UInt64]] = [:]

  private static let pageBits = 15

  /// Claims `count` blocks from `start` on.
  ///
  /// - Returns: the first block that was claimed before, if there is one.
  mutating func claim(_ start: Int, count: Int = 1) -> Int? {
    var block = start
    let end = start + count
    while block < end {
      let pageEnd = min(end, ((block >> Self.pageBits) + 1) << Self.pageBits)
      if let taken = claim(block..<pageEnd, page: block >> Self.pageBits) { return taken }
      block = pageEnd
    }
    return nil
  }

  private mutating func claim(_ blocks: Range<Int>, page: Int) -> Int? {
    Self.claim(blocks, in: &pages[page, default: [UInt64](repeating: 0, count: 1 << (Self.pageBits - 6))])
  }

  private static func claim(_ blocks: Range<Int>, in page: inout [UInt64]) -> Int? {
    for block in blocks {
      let bit = block & ((1 << pageBits) - 1)
      let mask = UInt64(1) << UInt64(bit & 63)
      guard page[bit >> 6] & mask == 0 else { return block }
      page[bit >> 6] |= mask
    }
    return nil
  }
}
