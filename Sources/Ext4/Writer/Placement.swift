import Bytes
import FileTree

/// The blocks of one node.
struct NodeBlocks {
  var extents: ArraySlice<MappedExtent> = []
  /// The blocks of the extent tree.
  var treeBlocks: ArraySlice<Int> = []
  /// The block of extended attributes; zero without one.
  var xattrBlock = 0

  /// How many there are.
  var count: Int { extents.reduce(0) { $0 + $1.count } + treeBlocks.count + (xattrBlock == 0 ? 0 : 1) }
}

/// Where every node's blocks lie in a file system of one size.
struct Placement {
  let geometry: GroupGeometry
  /// The resize inode's block of blocks.
  let resizeBlock: Int
  let journal: (node: Node, blocks: NodeBlocks)?
  /// The blocks that nothing lies in, ascending; all of them lie after those that something lies in.
  let free: [Range<Int>]
  private let places: [Placing.Place]
  private let placing: Placing

  /// Places `nodes` in a file system of `blocks` blocks, of which `spare` stay free.
  ///
  /// - Parameter content: the blocks that the nodes take at least: without room for so many none is placed.
  /// - Throws: `Shortfall` if they do not fit.
  init(_ nodes: [Node], content: Int = 0, blocks: Int, spare: Int, options: Ext4Options) throws(Shortfall) {
    let geometry = try GroupGeometry(blocks: blocks, inodes: Self.inodes(for: nodes))
    let room = geometry.metadata.reduce(geometry.blockCount) { $0 - $1.count }
    guard content + max(0, spare) <= room else {
      throw Shortfall(geometry, missing: content + max(0, spare) - room, blocks: blocks)
    }
    var work = Placing(allocator: BlockAllocator(taken: geometry.metadata, end: geometry.blockCount))
    resizeBlock = work.allocator.take(upTo: 1)?.lowerBound ?? 0
    let journal = options.journal ? Node(journalOf: geometry.blockCount, options: options) : nil
    let journalPlace = journal.map { work.place($0) }
    places = work.place(nodes)
    free = work.allocator.remaining
    let missing = work.allocator.missing + max(0, spare - free.reduce(0) { $0 + $1.count })
    guard missing == 0 else { throw Shortfall(geometry, missing: missing, blocks: blocks) }
    self.geometry = geometry
    placing = work
    self.journal = journal.flatMap { node in journalPlace.map { (node, work.blocks(at: $0)) } }
  }

  /// The blocks of the node at `index`.
  func blocks(of index: Int) -> NodeBlocks { placing.blocks(at: places[index]) }

  /// The blocks that `nodes` take at least: those of extent trees come on top.
  static func content(of nodes: [Node]) -> Int {
    nodes.reduce(0) { sum, node in
      switch node.payload {
      case .none, .field: sum
      case .bytes(_, let blocks): sum + blocks
      case .leaf: sum + 1
      case .file(_, let blocks): sum + blocks.reduce(0) { $0 + $1.count }
      }
    }
  }

  /// The inodes that there must be: those in use, and some for the system that runs.
  private static func inodes(for nodes: [Node]) -> Int {
    let highest = Int(nodes.last?.number ?? ReservedInode.first)
    return highest + highest / 20 + 64
  }
}

extension Shortfall {
  /// What `blocks` blocks lack, of which `geometry` makes use, if `missing` more are needed.
  fileprivate init(_ geometry: GroupGeometry, missing: Int, blocks: Int) {
    self.init(blocks: max(1, max(geometry.blockCount + missing, geometry.nextBlockCount) - blocks))
  }
}

/// Places being given.
struct Placing {
  var allocator: BlockAllocator
  /// The extents of all nodes, one node's after another's.
  private var extents: [MappedExtent] = []
  /// The blocks of all extent trees, likewise.
  private var treeBlocks: [Int] = []

  /// Where one node lies.
  struct Place {
    fileprivate var extents: Range<Int> = 0..<0
    fileprivate var treeBlocks: Range<Int> = 0..<0
    fileprivate var xattrBlock = 0
  }

  init(allocator: BlockAllocator) { self.allocator = allocator }

  /// The blocks of what was placed at `place`.
  func blocks(at place: Place) -> NodeBlocks {
    NodeBlocks(
      extents: extents[place.extents], treeBlocks: treeBlocks[place.treeBlocks], xattrBlock: place.xattrBlock)
  }

  /// Places all of `nodes`; their places are in the nodes' order.
  ///
  /// First what is small and often changed, directories above all, so that file systems that differ do so in few
  /// stretches. Then the files in the order in which they lie in the source that they come from: neighbours there are
  /// neighbours again.
  mutating func place(_ nodes: [Node]) -> [Place] {
    var places = [Place](repeating: Place(), count: nodes.count)
    var files: [(offset: Int, index: Int)] = []
    for (index, node) in nodes.enumerated() {
      if case .file(let content, let blocks) = node.payload, !blocks.isEmpty {
        files.append((content.start, index))
      } else {
        places[index] = place(node)
      }
    }
    files.sort { $0 < $1 }
    for (_, index) in files { places[index] = place(nodes[index]) }
    return places
  }

  /// Places one node.
  mutating func place(_ node: Node) -> Place {
    let firstExtent = extents.count
    switch node.payload {
    case .none, .field: break
    case .bytes(_, let blocks): map(0..<blocks)
    case .leaf: map(0..<1)
    case .file(_, let blocks): for range in blocks { map(range) }
    }
    let firstTreeBlock = treeBlocks.count
    for _ in 0..<ExtentTreeRecord.blockCount(extents: extents.count - firstExtent) {
      if let block = allocator.take(upTo: 1) { treeBlocks.append(block.lowerBound) }
    }
    let xattrBlock = node.xattrs.block.isEmpty ? 0 : allocator.take(upTo: 1)?.lowerBound ?? 0
    return Place(
      extents: firstExtent..<extents.count, treeBlocks: firstTreeBlock..<treeBlocks.count, xattrBlock: xattrBlock)
  }

  private mutating func map(_ blocks: Range<Int>) {
    var logical = blocks.lowerBound
    while logical < blocks.upperBound, let taken = allocator.take(upTo: blocks.upperBound - logical) {
      extents.append(MappedExtent(logical: logical, physical: taken.lowerBound, count: taken.count))
      logical += taken.count
    }
  }
}
