import Dispatch
import Synchronization

/// The blocks of an image that were read last, as many as fit into memory.
struct RecentBlocks {
  /// A block, and how much of it was asked for.
  private struct Entry {
    let number: Int
    let block: DecodedBlock
    var range: Range<Int>

    /// What it takes at most.
    var memory: Int { RecentBlocks.memory(of: range, ofBlock: block.size) - block.zeroCount }
  }

  /// The least recently used first.
  private var entries: [Entry] = []
  private let limit: Int

  /// Keeps blocks of at most `limit` bytes together, and always the last one.
  init(limit: Int) { self.limit = limit }

  /// What `range` of a block of `size` bytes takes at most. A decoder that may go on keeps a dictionary, of 8 MiB with `xz -6`; and
  /// tiny blocks stay few.
  static func memory(of range: Range<Int>, ofBlock size: Int) -> Int {
    max(range.count + (range.upperBound == size ? 0 : min(range.upperBound, 8 << 20)), 64 << 10)
  }

  /// Block `number`, of `size` bytes: as it is kept, or an empty one, to be asked for `range`.
  mutating func block(_ number: Int, size: Int, asking range: Range<Int>) -> DecodedBlock {
    let place = entries.firstIndex { $0.number == number }
    var entry =
      place.map { entries.remove(at: $0) } ?? Entry(number: number, block: DecodedBlock(size: size), range: range)
    // Of a block that is decoded anew for what lies before, all is kept.
    let start = range.lowerBound < entry.range.lowerBound ? 0 : entry.range.lowerBound
    entry.range = start..<max(entry.range.upperBound, range.upperBound)
    var memory = entries.reduce(entry.memory) { $0 + $1.memory }
    while memory > limit, !entries.isEmpty { memory -= entries.removeFirst().memory }
    entries.append(entry)
    return entry.block
  }

  /// Forgets `block`, if block `number` still is that one.
  mutating func remove(_ number: Int, _ block: DecodedBlock) {
    entries.removeAll { $0.number == number && $0.block === block }
  }
}
