import Bytes
import Dispatch
import Glibc
import Storage
import Synchronization

/// The image in an .xz file of several blocks, read at any place: the blocks that a read touches are decoded, and kept for a while.
package final class XZSource: ByteSource {
  private let file: FileSource
  private let index: XZIndex
  private let reader: XZBlockReader
  private let cache = Mutex(RecentBlocks(limit: memoryLimit))
  /// Blocks being decoded at the same time, so that they and `cache` stay within memory.
  private let decoders: DispatchSemaphore

  /// What decoded blocks may take together. Blocks of `xz -6` are 24 MiB.
  private static let memoryLimit = 96 << 20
  /// Larger blocks, such as those of `xz -9`, are not worth it: the image is decoded as a whole.
  static let blockLimit = 48 << 20
  /// Very small or very many ones are not, either: what each costs beside its bytes would become the most of it.
  static let averageLimit = 4 << 10
  static let countLimit = 1 << 16

  /// The image in `file`, whose blocks are where `index` says; nil if reading it at random is not worthwhile.
  init?(_ file: FileSource, _ index: XZIndex) {
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
    var blocks: [XZBlock] = []
    while let block = index.block(at: blocks.last?.range.upperBound ?? offset),
      block.range.lowerBound < offset + buffer.count
    {
      blocks.append(block)
    }
    let touched = blocks
    try unsafe buffer.withUnsafeMutableBytes { (target) throws(IOError) in
      let target = unsafe SharedMemory(target)
      // Side by side: half of a read that touches two blocks need not wait for the other.
      try parallel(touched.count) { (place) throws(IOError) in
        let range = touched[place].range.clamped(to: offset..<offset + target.count)
        let start = range.lowerBound - touched[place].range.lowerBound
        let content = try self.content(of: touched[place])
        target.fill(range.lowerBound - offset..<range.upperBound - offset, from: content, start)
      }
    }
  }

  /// The decoded `block`; nil if it holds nothing but zeros.
  private func content(of block: XZBlock) throws(IOError) -> BlockMemory? {
    let decoded = cache.withLock { $0.block(block.number, size: block.range.count) }
    do throws(UnpackError) {
      // Who comes second waits here for who came first.
      return try decoded.content { (memory) throws(UnpackError) in
        decoders.wait()
        defer { decoders.signal() }
        return try reader.decode(block, into: memory)
      }
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

extension UnpackError {
  /// The error as those see it who read bytes and know nothing of containers.
  fileprivate var asIOError: IOError {
    switch self {
    case .io(let error): error
    case .corrupt(let path, let container, let position, let reason):
      IOError(
        path: path, operation: "decode", cause: .corrupt("\(container) at or before byte \(position): \(reason)"))
    default: IOError(path: "", operation: "decode", cause: .message(description))
    }
  }
}
