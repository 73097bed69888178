import Bytes

/// Where every node's blocks lie in a file system of one size.
struct Placement {
  let geometry: GroupGeometry
  /// The resize inode's block of blocks.
  let resizeBlock: Int
  let journal: (node: Node, place: Place)?
  /// The place of each node, in the nodes' order.
  let places: [Place]
  /// The blocks that nothing lies in, ascending.
  let free: [Range<Int>]
  /// The extents of all nodes, one node's after another's.
  private let extents: [MappedExtent]
  /// The blocks of all extent trees, likewise.
  private let treeBlocks: [Int]

  /// Where one node lies.
  struct Place {
    fileprivate var extents: Range<Int>
    fileprivate var treeBlocks: Range<Int>
    /// Zero without one.
    var xattrBlock: Int
  }

  /// Places `nodes` in a file system of `blocks` blocks, of which `spare` stay free.
  ///
  /// Blocks are given out in the order of the inodes' numbers: files that follow one another in the image that they
  /// come from do so again.
  ///
  /// - Throws: `Shortfall` if they do not fit.
  init(_ nodes: [Node], blocks: Int, spare: Int, options: Ext4Options) throws(Shortfall) {
    let geometry = try GroupGeometry(blocks: blocks, inodes: Self.inodes(for: nodes))
    var work = Placing(allocator: BlockAllocator(taken: geometry.metadata, end: geometry.blockCount))
    resizeBlock = work.allocator.take(upTo: 1)?.lowerBound ?? 0
    if options.journal {
      let node = Node(journalOf: geometry.blockCount, options: options)
      journal = (node, work.place(node))
    } else {
      journal = nil
    }
    var places: [Place] = []
    places.reserveCapacity(nodes.count)
    for node in nodes { places.append(work.place(node)) }
    free = work.allocator.remaining
    let missing = work.allocator.missing + max(0, spare - free.reduce(0) { $0 + $1.count })
    guard missing == 0 else {
      let needed = max(geometry.blockCount + missing, geometry.nextBlockCount)
      throw Shortfall(blocks: max(1, needed - blocks))
    }
    self.geometry = geometry
    self.places = places
    extents = work.extents
    treeBlocks = work.treeBlocks
  }

  /// The extents of the node at `place`.
  func extents(of place: Place) -> ArraySlice<MappedExtent> { extents[place.extents] }

  /// The blocks of the extent tree of the node at `place`.
  func treeBlocks(of place: Place) -> ArraySlice<Int> { treeBlocks[place.treeBlocks] }

  /// All blocks of the node at `place`.
  func blockCount(of place: Place) -> Int {
    extents(of: place).reduce(0) { $0 + $1.count } + place.treeBlocks.count + (place.xattrBlock == 0 ? 0 : 1)
  }

  /// The inodes that there must be: those in use, and some for the system that runs.
  private static func inodes(for nodes: [Node]) -> Int {
    let highest = Int(nodes.last?.number ?? ReservedInode.first)
    return highest + highest / 20 + 64
  }
}

/// Places being given.
private struct Placing {
  var allocator: BlockAllocator
  var extents: [MappedExtent] = []
  var treeBlocks: [Int] = []

  mutating func place(_ node: Node) -> Placement.Place {
    let firstExtent = extents.count
    switch node.payload {
    case .none, .field: break
    case .bytes(_, let blocks): map(0..<blocks)
    case .file(_, let blocks): for range in blocks { map(range) }
    }
    let firstTreeBlock = treeBlocks.count
    for _ in 0..<ExtentTreeRecord.blockCount(extents: extents.count - firstExtent) {
      if let block = allocator.take(upTo: 1) { treeBlocks.append(block.lowerBound) }
    }
    let xattrBlock = node.xattrs.block.isEmpty ? 0 : allocator.take(upTo: 1)?.lowerBound ?? 0
    return Placement.Place(
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
