import Synchronization

/// The blocks of an image that were read last, as many as fit into memory.
struct RecentBlocks {
  /// The least recently used first.
  private var blocks: [(number: Int, block: DecodedBlock)] = []
  private var memory = 0
  private let limit: Int

  /// What a block counts for at least, so that tiny ones stay few.
  private static let leastSize = 64 << 10

  /// Keeps blocks of at most `limit` bytes together, and always the last one.
  init(limit: Int) { self.limit = limit }

  /// Block `number`, of `size` bytes: as it is kept, or an empty one to be filled.
  mutating func block(_ number: Int, size: Int) -> DecodedBlock {
    let place = blocks.firstIndex { $0.number == number }
    let found = place.map { blocks.remove(at: $0).block }
    if found == nil {
      memory += max(size, Self.leastSize)
      while memory > limit, !blocks.isEmpty { memory -= max(blocks.removeFirst().block.size, Self.leastSize) }
    }
    let block = found ?? DecodedBlock(size: size)
    blocks.append((number, block))
    return block
  }

  /// Forgets `block`, if block `number` still is that one.
  mutating func remove(_ number: Int, _ block: DecodedBlock) {
    guard let place = blocks.firstIndex(where: { $0.number == number && $0.block === block }) else { return }
    memory -= max(blocks.remove(at: place).block.size, Self.leastSize)
  }
}

/// A block of an image, which is filled once.
final class DecodedBlock: Sendable {
  private enum State {
    case empty
    /// Without memory: nothing but zeros.
    case filled(BlockMemory?)
  }

  private let state = Mutex(State.empty)
  let size: Int

  init(size: Int) { self.size = size }

  /// The content, without memory if that is zeros; made by `decode`, unless that was done before.
  func content(
    _ decode: (BlockMemory) throws(UnpackError) -> XZBlockReader.Content
  ) throws(UnpackError) -> BlockMemory? {
    try state.withLock { (state) throws(UnpackError) in
      if case .filled(let memory) = state { return memory }
      let memory = BlockMemory(capacity: size)
      let content: BlockMemory? = try decode(memory) == .bytes ? memory : nil
      state = .filled(content)
      return content
    }
  }
}
