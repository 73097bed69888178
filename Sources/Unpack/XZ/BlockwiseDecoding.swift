import Bytes
import Dispatch
import Glibc
import Storage
import Synchronization

/// Decodes the blocks of an .xz file side by side into an image, and meanwhile computes the digests of file and image in order.
///
/// It is faster than liblzma's own threads: blocks of zeros are decoded once, and the thread that decodes a block writes it.
final class BlockwiseDecoding: @unchecked Sendable {
  /// A block that was decoded, and waits for its turn to be hashed; without memory it holds zeros.
  private struct Piece {
    let block: XZBlock
    let memory: BlockMemory?
  }

  private struct State {
    var blocks: XZIndex.Blocks
    var free: [BlockMemory] = []
    var pending: [Int: Piece] = [:]
    var isHashing = false
    var failure: (block: Int, error: UnpackError)?
  }

  private let index: XZIndex
  private let reader: XZBlockReader
  private let sink: any ImageSink
  private let state: Mutex<State>
  /// How many buffers are still to be had.
  private let buffers: DispatchSemaphore
  private let workers: Int

  // Used by one thread at a time: the one for which `isHashing` was set.
  private let input: Input
  private var hash = SHA256()
  private var nextToHash = 0
  private let zeros = [UInt8](repeating: 0, count: 1 << 20)

  /// Larger blocks are left to liblzma's threads, which need not hold them whole.
  static let blockLimit = 64 << 20

  /// The decoding of the file of `input`, whose blocks are where `index` says, into `sink`.
  init(_ input: Input, _ index: XZIndex, to sink: any ImageSink) {
    self.input = input
    self.index = index
    self.sink = sink
    reader = XZBlockReader(input.source)
    state = Mutex(State(blocks: index.blocks()))
    let memory = index.largestBlock + XZBlock.dictionarySize
    workers = min(threadCount(eachTaking: memory, within: XZBlock.memoryBudget), index.blockCount)
    // Some more than threads: a thread that is done need not wait for the one whose block is hashed next.
    let more = min(3, max(1, Self.blockLimit / max(index.largestBlock, 1)))
    buffers = allowance(min(workers + more, max(workers, XZBlock.memoryBudget / memory)))
  }

  /// Decodes everything.
  ///
  /// - Returns: the digest of the image.
  /// - Throws: the error of the first block that has one.
  func run() throws(UnpackError) -> SHA256Digest {
    onThreads(workers) { work() }
    if let failure = state.withLock({ $0.failure }) { throw failure.error }
    return exchange(&hash, with: SHA256()).finish()
  }

  private func work() {
    while true {
      buffers.wait()
      guard let (block, memory) = claim() else { break }
      do throws(UnpackError) {
        try decode(block, into: memory)
      } catch {
        state.withLock { state in
          if state.failure.map({ block.number < $0.block }) ?? true { state.failure = (block.number, error) }
        }
        break
      }
    }
    // The next thread that waits has nothing left to do either.
    buffers.signal()
  }

  /// The next block, and memory for it; nil if there is none, or another failed.
  private func claim() -> (XZBlock, BlockMemory)? {
    state.withLock { state -> (XZBlock, BlockMemory)? in
      guard state.failure == nil, let block = state.blocks.next() else { return nil }
      do throws(IOError) {
        if let memory = state.free.popLast() { return (block, memory) }
        return (block, try BlockMemory(capacity: index.largestBlock, for: input.source.name))
      } catch {
        state.failure = (block.number, .io(error))
        return nil
      }
    }
  }

  private func decode(_ block: XZBlock, into memory: BlockMemory) throws(UnpackError) {
    guard try reader.decode(block, into: memory) == .bytes else {
      giveBack(memory)
      return try submit(Piece(block: block, memory: nil))
    }
    try performing { () throws(IOError) in
      try memory.withPrefix(block.range.count) { (bytes) throws(IOError) in
        try sink.write(bytes, at: block.range.lowerBound)
      }
    }
    try submit(Piece(block: block, memory: memory))
  }

  private func giveBack(_ memory: BlockMemory) {
    state.withLock { $0.free.append(memory) }
    buffers.signal()
  }

  /// Hands over `piece` to be hashed: by this thread, with all whose turn comes then, if no other is at it.
  private func submit(_ piece: Piece) throws(UnpackError) {
    let isMine = state.withLock { state in
      state.pending[piece.block.number] = piece
      return !exchange(&state.isHashing, with: true)
    }
    guard isMine else { return }
    while let piece = next() {
      try hash(piece)
      nextToHash += 1
    }
  }

  /// The next piece in order; nil if it is not decoded yet: the thread that submits it will hash it.
  private func next() -> Piece? {
    state.withLock { state in
      let piece = state.pending.removeValue(forKey: nextToHash)
      if piece == nil { state.isHashing = false }
      return piece
    }
  }

  private func hash(_ piece: Piece) throws(UnpackError) {
    let count = piece.block.range.count
    if let memory = piece.memory {
      memory.withPrefix(count) { hash.update($0) }
      giveBack(memory)
    } else {
      let zeros = self.zeros
      for start in stride(from: 0, to: count, by: zeros.count) {
        let bytes = zeros.span.extracting(0..<min(zeros.count, count - start))
        hash.update(bytes)
      }
    }
    try input.hash(upTo: piece.block.fileRange.upperBound)
  }
}
