import Bytes
import FileTree
import Storage

/// What lies in the blocks of a file system, collected in any order.
struct BlockPieces {
  private let nodes: [Node]
  /// See `Ext4Options.blockSource`.
  private let blockSource: (any ByteSource)?
  private var pieces: [Piece] = []

  private struct Piece {
    var block: Int
    var count: Int
    var content: Content
  }

  private enum Content {
    /// Bytes, which may end before a block does.
    case bytes([UInt8])
    /// What a node holds from a block on.
    case node(Int, logical: Int)
  }

  /// No pieces yet, some of them to be of `nodes`.
  init(_ nodes: [Node], blockSource: (any ByteSource)?) {
    self.nodes = nodes
    self.blockSource = blockSource
    pieces.reserveCapacity(nodes.count)
  }

  /// Adds bytes, which may end before a block does, but are some.
  mutating func append(_ bytes: [UInt8], at block: Int) {
    let count = bytes.count.dividedRoundingUp(by: GroupGeometry.blockSize)
    pieces.append(Piece(block: block, count: count, content: .bytes(bytes)))
  }

  /// Adds one of the extents of the node at `index`.
  mutating func append(_ extent: MappedExtent, ofNode index: Int) {
    pieces.append(
      Piece(block: extent.physical, count: extent.count, content: .node(index, logical: extent.logical)))
  }

  /// All of a place of `size` bytes, zeros where no piece lies.
  func runs(size: Int) -> [Run] {
    var list = RunList()
    for index in order {
      list.zeros(upTo: pieces[index].block * GroupGeometry.blockSize)
      append(pieces[index], to: &list)
    }
    list.zeros(upTo: size)
    return list.runs
  }

  /// Stretches of blocks in ascending order, each with the runs that fill it.
  var stretches: [(blocks: Range<Int>, runs: [Run])] {
    var stretches: [(blocks: Range<Int>, runs: [Run])] = []
    var list = RunList()
    var start = 0
    for index in order {
      let piece = pieces[index]
      if list.end > 0 && start + list.end / GroupGeometry.blockSize != piece.block {
        stretches.append((start..<start + list.end / GroupGeometry.blockSize, list.runs))
        list = RunList()
      }
      if list.end == 0 { start = piece.block }
      append(piece, to: &list)
      list.zeros(upTo: (piece.block + piece.count - start) * GroupGeometry.blockSize)
    }
    if list.end > 0 { stretches.append((start..<start + list.end / GroupGeometry.blockSize, list.runs)) }
    return stretches
  }

  /// The indices of the pieces in the order of their blocks.
  private var order: [Int] {
    var keys = pieces.indices.map { (block: pieces[$0].block, index: $0) }
    keys.sort { $0 < $1 }
    return keys.map(\.index)
  }

  private func append(_ piece: Piece, to list: inout RunList) {
    switch piece.content {
    case .bytes(let bytes): list.append(.bytes(bytes))
    case .node(let index, let logical):
      let blockSize = GroupGeometry.blockSize
      let range = logical * blockSize..<(logical + piece.count) * blockSize
      switch nodes[index].payload {
      case .none, .field: break
      case .bytes(let bytes, _):
        let part = range.clamped(to: 0..<bytes.count)
        list.append(.bytes(part.count == bytes.count ? bytes : Array(bytes[part])))
      case .leaf(let leaf):
        let start = list.end
        list.append(.bytes(leaf.head))
        list.zeros(upTo: start + blockSize - leaf.tail.count)
        list.append(.bytes(leaf.tail))
      case .file(let content, _): list.append(content, range, blockSource: blockSource)
      }
    }
  }
}

extension RunList {
  /// Appends the bytes of `content` in `range`, whole blocks that may go past its end; where it has none, zeros, or what
  /// `blockSource` has after its end.
  fileprivate mutating func append(_ content: FileContent, _ range: Range<Int>, blockSource: (any ByteSource)?) {
    let start = end
    let extents = content.extents
    for extent in extents[extents.firstIndex(endingAfter: range.lowerBound)...] {
      guard extent.offset < range.upperBound else { break }
      let part = (extent.offset..<extent.offset + extent.count).clamped(to: range)
      guard !part.isEmpty else { continue }
      zeros(upTo: start + part.lowerBound - range.lowerBound)
      let place = extent.sourceOffset + part.lowerBound - extent.offset
      let run = content.run(of: FileExtent(offset: part.lowerBound, sourceOffset: place, count: part.count))
      append(part.upperBound == content.size ? run.wholeBlocks(of: blockSource) : run)
    }
    zeros(upTo: start + range.count)
  }
}

extension Run {
  /// The run to the end of its last block, if it lies in `source`, at the start of a block.
  fileprivate func wholeBlocks(of source: (any ByteSource)?) -> Run {
    guard case .source(let own, let offset, let count) = self, let source, own === source,
      offset.isMultiple(of: GroupGeometry.blockSize)
    else { return self }
    let whole = count.rounded(upTo: GroupGeometry.blockSize)
    return offset + whole <= source.size ? .source(own, offset: offset, count: whole) : self
  }
}
