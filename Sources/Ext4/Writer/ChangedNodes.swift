import FileTree

/// The nodes of a tree that differ from the base's, and what of the base's blocks they keep.
struct ChangedNodes {
  private(set) var changes: [Change] = []
  /// The blocks of the base that nothing lies in any more, in no order.
  private(set) var freed: [Range<Int>] = []

  /// One node.
  struct Change {
    let node: Node
    /// What the base has under its number.
    let base: Node?
    /// The base's blocks that it keeps.
    let kept: NodeBlocks
    /// Whether the blocks of the content, with those of the extent tree, are kept.
    let keepsContent: Bool

    /// Its blocks, those that were placed for it among them.
    func blocks(_ placed: NodeBlocks) -> NodeBlocks {
      var blocks = keepsContent ? kept : placed
      blocks.xattrBlock = kept.xattrBlock == 0 ? placed.xattrBlock : kept.xattrBlock
      return blocks
    }

    /// What must be placed for it.
    fileprivate var toPlace: Node {
      var node = node
      if keepsContent { node.payload = .none }
      if kept.xattrBlock != 0 { node.xattrs = XattrArea() }
      return node
    }

    /// The kept blocks of content that have other bytes now.
    var rewritten: [(number: Int, bytes: [UInt8])] {
      guard keepsContent, let bytes = node.payload.ownBytes?.bytes, let old = base?.payload.ownBytes?.bytes
      else { return [] }
      var blocks: [(number: Int, bytes: [UInt8])] = []
      for extent in kept.extents {
        for index in 0..<extent.count {
          let start = (extent.logical + index) * GroupGeometry.blockSize
          let range = start..<start + GroupGeometry.blockSize
          let part = bytes[range.clamped(to: bytes.indices)]
          if part != old[range.clamped(to: old.indices)] { blocks.append((extent.physical + index, Array(part))) }
        }
      }
      return blocks
    }
  }

  /// - Throws: `NodeProblem` for a node that ext4 cannot hold.
  init(_ difference: TreeDifference, _ maker: NodeMaker, base: Ext4Base) throws(NodeProblem) {
    let baseMaker = NodeMaker(base.tree, facts: base.names.facts, options: base.options)
    for index in difference.removed { freed += base.placement.blocks(of: index).ranges }
    for change in difference.changed {
      guard let index = change.base else {
        let node = try maker.node(change.entry)
        changes.append(Change(node: node, base: nil, kept: NodeBlocks(), keepsContent: false))
        continue
      }
      let entry = base.names.entries[index]
      let old = try baseMaker.node(entry)
      let node = try maker.node(change.entry, base: baseMaker.entries(of: entry.id))
      var kept = base.placement.blocks(of: index)
      let keepsContent = node.payload.fits(inPlaceOf: old.payload)
      if !keepsContent { (kept.extents, kept.treeBlocks) = ([], []) }
      if node.xattrs.block.isEmpty { kept.xattrBlock = 0 }
      let keeps = Set(kept.ranges)
      freed += base.placement.blocks(of: index).ranges.filter { !keeps.contains($0) }
      changes.append(Change(node: node, base: old, kept: kept, keepsContent: keepsContent))
    }
  }

  /// The nodes with only what must be placed of them, in the order of the changes.
  var toPlace: [Node] { changes.map(\.toPlace) }
}

extension Node.Payload {
  /// Whether this can lie where `other` lies: contents that are the same, or bytes that take as many blocks.
  fileprivate func fits(inPlaceOf other: Node.Payload) -> Bool {
    if case .file(let content, _) = self, case .file(let old, _) = other { return content.isSameStorage(as: old) }
    guard let blocks = ownBytes?.blocks else { return false }
    return blocks == other.ownBytes?.blocks
  }
}
