/// Where a compressed image is cut into chunks that are compressed each by itself.
///
/// The cuts follow from the output's own runs, so that every machine that bakes the node makes the same; and they are
/// such that nodes of one base have most chunks in common. Blocks that come from the base as a whole make large chunks,
/// cut at the multiples of their size; blocks of zeros likewise. In a block that pibake wrote to, what it wrote, which
/// may differ from node to node, is cut into small chunks, and what lies between those is a chunk each.
package struct ChunkPlan {
  /// The largest chunk: twice the dictionary of the compressor. Chunks of 16 MiB would save a hundredth, and cost memory
  /// on every thread and time wherever nodes differ.
  package static let largest = 8 << 20
  /// The size of a chunk that pibake wrote to, so that a node that differs in a block of its file system compresses this
  /// much. Half of it saves no time that could be measured; twice as much doubles the time of each further node.
  package static let smallest = 64 << 10
  /// Chunks are whole blocks where pibake wrote nothing: their digests are known.
  private static let blockSize = BlockDigests.blockSize

  /// The chunks, first to last, without gaps.
  package private(set) var chunks: [Range<Int>] = []

  private enum Class { case zeros, base, own }

  /// Cuts an output of these runs.
  package init(_ runs: [Run]) {
    var classes: [Class] = []
    var own = RangeList()
    var offset = 0
    for run in runs where run.count > 0 {
      let range = offset..<offset + run.count
      offset = range.upperBound
      let last = (offset - 1) / ChunkPlan.blockSize
      while classes.count <= last { classes.append(.zeros) }
      let kind: Class
      switch run {
      case .zeros: continue
      case .source: kind = .base
      case .bytes:
        kind = .own
        own.append(range)
      }
      for block in range.lowerBound / ChunkPlan.blockSize...last where classes[block] != .own { classes[block] = kind }
    }
    var small = own.blocks(of: ChunkPlan.smallest)[...]
    for (block, kind) in classes.enumerated() {
      let end = min((block + 1) * ChunkPlan.blockSize, offset)
      if kind == .own {
        while let piece = small.first, piece * ChunkPlan.smallest < end {
          small.removeFirst()
          append(upTo: piece * ChunkPlan.smallest)
          append(upTo: min((piece + 1) * ChunkPlan.smallest, end))
        }
        append(upTo: end)
        continue
      }
      let next = block + 1 < classes.count ? classes[block + 1] : nil
      // A chunk ends where its kind ends or the grid cuts.
      if next != kind || end.isMultiple(of: ChunkPlan.largest) { append(upTo: end) }
    }
  }

  private mutating func append(upTo end: Int) {
    let start = chunks.last?.upperBound ?? 0
    if start < end { chunks.append(start..<end) }
  }
}
