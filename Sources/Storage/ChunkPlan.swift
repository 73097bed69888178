/// Where a compressed image is cut into chunks that are compressed each by itself.
///
/// The cuts follow from the output's own runs, so that every machine that bakes the node makes the same; and they are
/// such that nodes of one base have most chunks in common. What comes from the base is cut at the multiples of a large
/// size; what pibake made, which may differ from node to node, into small chunks of its own; zeros apart from both.
package struct ChunkPlan {
  /// The largest chunk: twice the dictionary of the compressor. Chunks of 16 MiB would save a hundredth, and cost memory
  /// on every thread and time wherever nodes differ.
  package static let largest = 8 << 20
  /// What cuts are multiples of.
  private static let grain = BlockDigests.blockSize

  /// The chunks, first to last, without gaps.
  package let chunks: [Range<Int>]

  private enum Class { case zeros, base, own }

  /// Cuts an output of these runs.
  package init(_ runs: [Run]) {
    var classes: [Class] = []
    var offset = 0
    for run in runs {
      let kind: Class =
        switch run {
        case .zeros: .zeros
        case .source: .base
        case .bytes: .own
        }
      let last = (offset + run.count - 1) / ChunkPlan.grain
      while classes.count <= last { classes.append(.zeros) }
      if kind != .zeros && run.count > 0 {
        for block in offset / ChunkPlan.grain...last where classes[block] != .own { classes[block] = kind }
      }
      offset += run.count
    }
    var chunks: [Range<Int>] = []
    var start = 0
    for (block, kind) in classes.enumerated() {
      let end = min((block + 1) * ChunkPlan.grain, offset)
      let next = block + 1 < classes.count ? classes[block + 1] : nil
      // A chunk of one's own ends with its block; others where their kind ends or the grid cuts.
      if next != kind || kind == .own || end.isMultiple(of: ChunkPlan.largest) {
        chunks.append(start..<end)
        start = end
      }
    }
    self.chunks = chunks
  }
}
