import Synchronization

/// The blocks of an image that were read last, as many as fit into memory.
struct RecentBlocks {
  /// A block, and how much of it was asked for.
  private struct Entry {
    let number: Int
    let block: DecodedBlock
    var end = 0

    /// What it takes at most. A decoder that may go on keeps a dictionary, of 8 MiB with `xz -6`; and tiny blocks stay few.
    var memory: Int { max(end == block.size ? end : end + min(end, 8 << 20), 64 << 10) }
  }

  /// The least recently used first.
  private var entries: [Entry] = []
  private let limit: Int

  /// Keeps blocks of at most `limit` bytes together, and always the last one.
  init(limit: Int) { self.limit = limit }

  /// Block `number`, of `size` bytes: as it is kept, or an empty one, to be filled up to `end`.
  mutating func block(_ number: Int, size: Int, upTo end: Int) -> DecodedBlock {
    let place = entries.firstIndex { $0.number == number }
    var entry = place.map { entries.remove(at: $0) } ?? Entry(number: number, block: DecodedBlock(size: size))
    entry.end = max(entry.end, end)
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

/// A block of an image, which is filled from its first byte on as far as it is asked for.
final class DecodedBlock: Sendable {
  /// How far it is filled.
  enum State {
    case empty
    case begun(XZBlockDecoding, BlockMemory)
    /// Without memory: nothing but zeros.
    case whole(BlockMemory?)
  }

  private let state = Mutex(State.empty)
  let size: Int

  init(size: Int) { self.size = size }

  /// The content, whose first `end` bytes may be read; without memory if that is zeros. `advance` fills in what is missing.
  func content(upTo end: Int, _ advance: (inout State) throws(UnpackError) -> Void) throws(UnpackError) -> BlockMemory?
  {
    try state.withLock { (state) throws(UnpackError) in
      if !state.reaches(end) { try advance(&state) }
      return state.memory
    }
  }
}

extension DecodedBlock.State {
  fileprivate func reaches(_ end: Int) -> Bool {
    switch self {
    case .empty: false
    case .begun(let decoding, _): decoding.count >= end
    case .whole: true
    }
  }

  fileprivate var memory: BlockMemory? {
    switch self {
    case .empty: nil
    case .begun(_, let memory): memory
    case .whole(let memory): memory
    }
  }

  /// Decodes `block` up to its byte `end`, by `reader`.
  mutating func advance(to end: Int, of block: XZBlock, by reader: XZBlockReader) throws(UnpackError) {
    if case .empty = self {
      let memory = BlockMemory(capacity: block.range.count)
      guard let decoding = reader.decoding(of: block) else {
        self = .whole(try reader.decode(block, into: memory) == .bytes ? memory : nil)
        return
      }
      self = .begun(decoding, memory)
    }
    guard case .begun(let decoding, let memory) = self else { return }
    try unsafe decoding.run(into: memory.prefix(block.range.count), upTo: end)
    if decoding.count == block.range.count { self = .whole(memory) }
  }
}
