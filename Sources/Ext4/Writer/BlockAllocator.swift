/// Gives out free blocks in the order in which they are given, each stretch as long as it goes.
///
/// Blocks that are to stay where they are need only be missing from what is free.
struct BlockAllocator {
  /// The most blocks that one extent of written data holds (EXT_INIT_MAX_LEN).
  static let longestExtent = 32768

  private let free: [Range<Int>]
  private var index = 0
  private var next: Int
  /// The blocks that were asked for in vain.
  private(set) var missing = 0

  /// An allocator of the blocks in `free`, ranges that are not empty, the first ones first.
  init(free: [Range<Int>]) {
    self.free = free
    next = free.first?.lowerBound ?? 0
  }

  /// An allocator of the blocks below `end` that are not in `taken`, which ascends.
  init(taken: [Range<Int>], end: Int) {
    var free: [Range<Int>] = []
    var start = 0
    for range in taken {
      if start < range.lowerBound { free.append(start..<range.lowerBound) }
      start = range.upperBound
    }
    if start < end { free.append(start..<end) }
    self.init(free: free)
  }

  /// The next free blocks, `count` of them or the fewer that lie in one stretch and fit an extent; nil and counted as
  /// missing when there are none left.
  mutating func take(upTo count: Int) -> Range<Int>? {
    guard index < free.count else {
      missing += count
      return nil
    }
    let taken = next..<min(next + min(count, Self.longestExtent), free[index].upperBound)
    next = taken.upperBound
    if next == free[index].upperBound {
      index += 1
      if index < free.count { next = free[index].lowerBound }
    }
    return taken
  }

  /// The blocks still free, in their order.
  var remaining: [Range<Int>] {
    guard index < free.count else { return [] }
    return [next..<free[index].upperBound] + free[(index + 1)...]
  }
}
