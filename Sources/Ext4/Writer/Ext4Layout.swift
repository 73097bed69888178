import Bytes
import FileTree
import Storage

/// A tree as an ext4 file system: which byte lies where.
///
/// Like pi-gen's file systems: blocks of 4096 bytes, 32-bit descriptors, a journal, checksums of all metadata, indexed
/// directories and room to grow. It depends on nothing but the tree, the options and the base.
package struct Ext4Layout: Sendable {
  /// The bytes of the file system, from its first to the last that the options ask for.
  package let runs: [Run]
  /// Where bytes may differ from those of the layout of the base: ranges of whole blocks that ascend and do not touch.
  /// All bytes where there is no base.
  package let differences: [Range<Int>]
  /// How much of it is used.
  package let statistics: Ext4Statistics

  /// The layout of `tree` by itself.
  ///
  /// - Throws: `Ext4Error.layout` for a size that is too small, which says what is needed, or for something in the tree
  ///   that ext4 cannot hold, which says its path.
  package init(_ tree: FileTree, options: Ext4Options) throws(Ext4Error) {
    self = try Ext4Base(tree, options: options).layout
  }

  /// The layout of `tree` as a file system of the options and the size of `base`, but of its own `uuid`, that differs
  /// from the layout of the base in few blocks.
  ///
  /// Inodes and contents that both trees have keep their numbers and blocks; what the tree has of its own lies after
  /// everything of the base. Blocks that the base uses and the tree does not are free, and keep the bytes of the base:
  /// they are the base image's, which every node holds, and never another node's.
  /// Where the tree does not fit like this, it is laid out by itself. What comes of it depends on the base and the
  /// tree alone, not on any other node.
  ///
  /// - Throws: as without a base.
  package init(_ tree: FileTree, uuid: UUID, sharing base: Ext4Base) throws(Ext4Error) {
    var options = base.options
    options.uuid = uuid
    let tree = tree.withLostAndFound(time: options.timestamp)
    let shared: SharedLayout?
    do {
      shared = try SharedLayout(tree, options: options, base: base)
    } catch {
      throw error.located(in: tree)
    }
    guard let shared else {
      self = try Ext4Layout(tree, options: options)
      return
    }
    let blockSize = GroupGeometry.blockSize
    let stretches = shared.pieces.stretches.map { stretch in
      (range: stretch.blocks.lowerBound * blockSize..<stretch.blocks.upperBound * blockSize, runs: stretch.runs)
    }
    runs = base.layout.runs.replacing(stretches)
    differences = stretches.map(\.range)
    statistics = Ext4Statistics(shared.superblock)
  }

  /// The layout of `size` bytes that has no base.
  init(_ emission: Emission, size: Int) {
    runs = emission.pieces.runs(size: size)
    differences = size > 0 ? [0..<size] : []
    statistics = Ext4Statistics(emission.superblock)
  }

  /// The fewest bytes that hold `tree`, whatever size `options` ask for.
  ///
  /// - Throws: `Ext4Error.layout` for something in the tree that ext4 cannot hold.
  package static func minimumSize(_ tree: FileTree, options: Ext4Options) throws(Ext4Error) -> Int {
    try options.check()
    let tree = tree.withLostAndFound(time: options.timestamp)
    let (_, nodes) = try NodeMaker.all(of: tree, options: options)
    let placement = try Placement.smallest(of: nodes, from: 1, spare: 0, options: options)
    return placement.geometry.blockCount * GroupGeometry.blockSize
  }
}

/// What a file system has and has left.
package struct Ext4Statistics: Sendable, Equatable {
  /// Blocks of 4096 bytes.
  package let blocks: Int
  /// Those of them that nothing lies in, the reserved ones too.
  package let freeBlocks: Int
  /// All that there is room for.
  package let inodes: Int
  /// Those of them that are not in use.
  package let freeInodes: Int

  fileprivate init(_ superblock: SuperblockRecord) {
    blocks = superblock.geometry.blockCount
    freeBlocks = superblock.freeBlocks
    inodes = superblock.geometry.inodeCount
    freeInodes = superblock.freeInodes
  }
}
