import Bytes
import Synchronization

/// The SHA-256 of each block of an output, and the one digest that they make together.
///
/// Blocks, unlike a whole, can be hashed on all processors, and once for all outputs that share them. The digest of the
/// whole is the SHA-256 of the blocks' digests in order. `split --bytes=1M --filter='sha256sum | cut --bytes=-64 | xxd
/// -revert -plain' IMAGE | sha256sum` computes the same.
package struct BlockDigests: Sendable {
  /// The size of all blocks but the last.
  package static let blockSize = 1 << 20

  /// The number of bytes of the output.
  package let size: Int
  /// The digests of the blocks; nil for those that hold zeros only.
  package let blocks: [SHA256Digest?]

  /// Hashes what `source` holds, on all processors.
  ///
  /// - Parameters:
  ///   - sibling: another output of the same size, and where this one may differ from it: all other blocks are known already.
  ///   - memory: what earlier builds know of blocks that are made of the same, and later ones will.
  ///   - ownRanges: bytes that belong to a node, ascending: nothing of their blocks is remembered.
  /// - Throws: `IOError` if a source cannot be read, or `progress` is cancelled.
  package init(
    of source: RunSource, like sibling: (digests: BlockDigests, difference: RunDifference)? = nil,
    memory: DigestMemory? = nil, ownRanges: [Range<Int>] = [], progress: Progress? = nil
  ) throws(IOError) {
    size = source.size
    let count = (size + BlockDigests.blockSize - 1) / BlockDigests.blockSize
    var blocks: [SHA256Digest?]
    let unknown: [Int]
    if let sibling, sibling.digests.size == size {
      blocks = sibling.digests.blocks
      unknown = sibling.difference.blocks(of: BlockDigests.blockSize)
    } else {
      blocks = [SHA256Digest?](repeating: nil, count: count)
      unknown = BlockDigests.blocksWithContent(source.runs)
    }
    let size = self.size
    let results = Mutex<[(Int, SHA256Digest)]>([])
    try parallel(unknown.count) { (index) throws(IOError) in
      if progress?.isCancelled ?? false { throw IOError(path: source.name, operation: "read", cause: .cancelled) }
      let start = unknown[index] * BlockDigests.blockSize
      let block = start..<min(start + BlockDigests.blockSize, size)
      let digest = try BlockDigests.digest(of: block, in: source, ownRanges.meet(block) ? nil : memory)
      results.withLock { $0.append((unknown[index], digest)) }
    }
    for (index, digest) in results.withLock({ $0 }) {
      let length = min(BlockDigests.blockSize, size - index * BlockDigests.blockSize)
      blocks[index] = digest == BlockDigests.ofZeros(length) ? nil : digest
    }
    self.blocks = blocks
  }

  private static func digest(
    of range: Range<Int>, in source: RunSource, _ memory: DigestMemory?
  ) throws(IOError) -> SHA256Digest {
    let key = memory?.key(of: source.slice(range))
    if let key, let known = memory?.digest(key) { return known }
    let digest = try SHA256.of(source.read(at: range.lowerBound, count: range.count))
    if let key { memory?.keep(digest, for: key) }
    return digest
  }

  /// The digest of the block with `index`.
  package func digest(of index: Int) -> SHA256Digest {
    blocks[index] ?? BlockDigests.ofZeros(min(BlockDigests.blockSize, size - index * BlockDigests.blockSize))
  }

  /// The digest of the whole.
  package var digest: SHA256Digest {
    let hash = SHA256()
    for index in blocks.indices { hash.update(digest(of: index).bytes.span) }
    return hash.finish()
  }

  /// Of a whole block, which there may be many of.
  private static let ofZeros = SHA256.of([UInt8](repeating: 0, count: blockSize))

  private static func ofZeros(_ count: Int) -> SHA256Digest {
    count == blockSize ? ofZeros : SHA256.of([UInt8](repeating: 0, count: count))
  }

  /// The blocks of which the runs do not say that they are zeros.
  private static func blocksWithContent(_ runs: [Run]) -> [Int] {
    var content = RangeList()
    var offset = 0
    for run in runs {
      if case .zeros = run {} else { content.append(offset..<offset + run.count) }
      offset += run.count
    }
    return content.blocks(of: blockSize)
  }
}

extension RunDifference {
  /// The numbers of the blocks of `size` bytes in which outputs may differ, ascending.
  package func blocks(of size: Int) -> [Int] { RangeList(ranges).blocks(of: size) }
}
