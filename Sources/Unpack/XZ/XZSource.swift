import Bytes
import Dispatch
import Glibc
import Storage
import Synchronization

/// The image in an .xz file of several blocks, read at any place: the blocks that a read touches are decoded, as far as it goes, and
/// kept for a while.
///
/// What is read is compared with the check of its block only when the block's last byte is decoded: `verify` sees to that.
package final class XZSource: ByteSource {
  private let file: any ByteSource
  private let index: XZIndex
  private let reader: XZBlockReader
  private let cache = Mutex(RecentBlocks(limit: memoryLimit))
  /// Blocks being decoded at the same time, so that they and `cache` stay within memory.
  private let decoders: DispatchSemaphore

  /// What decoded blocks may take together. Blocks of `xz -6` are 24 MiB.
  private static let memoryLimit = 112 << 20
  /// Larger blocks, such as those of `xz -9`, are not worth it: the image is decoded as a whole.
  static let blockLimit = 48 << 20
  /// Very small or very many ones are not, either: what each costs beside its bytes would become the most of it.
  static let averageLimit = 4 << 10
  static let countLimit = 1 << 16

  /// The image in `file`, whose blocks are where `index` says; nil if reading it at random is not worthwhile.
  init?(_ file: any ByteSource, _ index: XZIndex) {
    guard 2...Self.countLimit ~= index.blockCount, index.largestBlock <= Self.blockLimit,
      index.size / index.blockCount >= Self.averageLimit
    else { return nil }
    self.file = file
    self.index = index
    reader = XZBlockReader(file)
    decoders = allowance(min(processorCount(), max(2, (64 << 20) / index.largestBlock)))
  }

  package var size: Int { index.size }

  package var name: String { file.name }

  package func read(at offset: Int, into buffer: inout MutableSpan<UInt8>) throws(IOError) {
    try checkRange(at: offset, count: buffer.count)
    let touched = blocks(in: offset..<offset + buffer.count)
    try unsafe buffer.withUnsafeMutableBytes { (target) throws(IOError) in
      let target = unsafe SharedMemory(target)
      // Side by side: half of a read that touches two blocks need not wait for the other.
      try parallel(touched.count) { (place) throws(IOError) in
        let block = touched[place].range
        let range = block.clamped(to: offset..<offset + target.count)
        let content = try self.content(of: touched[place], in: touched[place].steps(of: range))
        target.fill(
          range.lowerBound - offset..<range.upperBound - offset, from: content, range.lowerBound - block.lowerBound)
      }
    }
  }

  package func verify(at offset: Int, count: Int) throws(IOError) {
    try checkRange(at: offset, count: count)
    let touched = blocks(in: offset..<offset + count)
    try parallel(touched.count) { (place) throws(IOError) in
      let block = touched[place]
      let start = max(offset - block.range.lowerBound, 0)
      _ = try self.content(of: block, in: start..<block.range.count)
    }
  }

  package func prefetch(_ ranges: [Range<Int>]) {
    let parts = cache.withLock { cache in
      let parts = self.parts(in: ranges)
      // All of them before the first is decoded: none makes room for another.
      for (block, range) in parts { _ = cache.block(block.number, size: block.range.count, asking: range) }
      return parts
    }
    parallel(parts.count) { place in _ = try? content(of: parts[place].block, in: parts[place].range) }
  }

  /// The blocks that hold `ranges`, ascending, each with the part of it that is wanted; no more than there is memory for.
  private func parts(in ranges: [Range<Int>]) -> [(block: XZBlock, range: Range<Int>)] {
    var found: [(block: XZBlock, range: Range<Int>)] = []
    var memory = 0
    for range in ranges.map({ $0.clamped(to: 0..<size) }).sorted(by: { $0.lowerBound < $1.lowerBound }) {
      var start = range.lowerBound
      if let (block, part) = found.last, start < block.range.upperBound {
        let end = max(part.upperBound, block.steps(of: range).upperBound)
        found[found.count - 1].range = part.lowerBound..<end
        start = block.range.upperBound
      }
      guard start < range.upperBound else { continue }
      for block in blocks(in: start..<range.upperBound) {
        memory += RecentBlocks.memory(of: block.steps(of: range), ofBlock: block.range.count)
        guard memory <= Self.memoryLimit else { return found }
        found.append((block, block.steps(of: range)))
      }
    }
    return found
  }

  /// The blocks that hold `range`, which lies within the image.
  private func blocks(in range: Range<Int>) -> [XZBlock] {
    var blocks: [XZBlock] = []
    while let block = index.block(at: blocks.last?.range.upperBound ?? range.lowerBound),
      block.range.lowerBound < range.upperBound
    {
      blocks.append(block)
    }
    return blocks
  }

  /// The `block`, of which `range` is decoded; nil if it holds nothing but zeros.
  private func content(of block: XZBlock, in range: Range<Int>) throws(IOError) -> BlockMemory? {
    let decoded = cache.withLock { $0.block(block.number, size: block.range.count, asking: range) }
    do throws(UnpackError) {
      return try decoded.content(of: block, in: range, by: reader, through: decoders)
    } catch {
      // Not kept: the next reader meets the error anew.
      cache.withLock { $0.remove(block.number, decoded) }
      throw error.asIOError
    }
  }

  /// Memory that several threads fill, each a part of its own.
  @safe private struct SharedMemory: @unchecked Sendable {
    private let bytes: UnsafeMutableRawBufferPointer

    init(_ bytes: UnsafeMutableRawBufferPointer) { unsafe self.bytes = bytes }

    var count: Int { unsafe bytes.count }

    /// Copies what lies in `content` from `offset` on to `range`; zeros if there is none.
    func fill(_ range: Range<Int>, from content: BlockMemory?, _ offset: Int) {
      let target = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[range])
      if let content {
        unsafe target.copyMemory(
          from: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(content.bytes)[offset..<offset + range.count]))
      } else if let start = target.baseAddress {
        unsafe memset(start, 0, target.count)
      }
    }
  }
}

extension XZBlock {
  /// What of the block is decoded for `range` of the image, which touches it: to stop and go on costs little, but not nothing.
  fileprivate func steps(of range: Range<Int>) -> Range<Int> {
    let part = range.clamped(to: self.range)
    let end = (part.upperBound - self.range.lowerBound).rounded(upTo: DecodedBlock.stepSize)
    return part.lowerBound - self.range.lowerBound..<min(end, self.range.count)
  }
}

extension UnpackError {
  /// The error as readers of bytes see it, which know nothing of containers.
  fileprivate var asIOError: IOError {
    if case .io(let error) = self { return error }
    return IOError(path: path, operation: "decode", cause: .content(kind, finding))
  }
}
