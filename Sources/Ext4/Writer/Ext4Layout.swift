import Bytes
import FileTree
import Storage

/// A tree as an ext4 file system: which byte lies where.
///
/// Like pi-gen's file systems: blocks of 4096 bytes, 32-bit descriptors, a journal, checksums of all metadata, indexed
/// directories and room to grow. It depends on nothing but the tree and the options.
package struct Ext4Layout: Sendable {
  /// The bytes of the file system, from its first to the last that the options ask for.
  package let runs: [Run]
  /// How much of it is used.
  package let statistics: Ext4Statistics

  /// The layout of `tree`.
  ///
  /// - Throws: `Ext4Error.layout` for a size that is too small, which says what is needed, or for something in the tree
  ///   that ext4 cannot hold, which says its path.
  package init(_ tree: FileTree, options: Ext4Options) throws(Ext4Error) {
    let nodes = try Self.nodes(of: tree, options: options)
    let placement: Placement
    let size: Int
    switch options.size {
    case .bytes(let bytes):
      size = bytes
      placement = try Self.placement(of: nodes, in: bytes, options: options)
    case .minimum(let free):
      let spare = max(free, 0).dividedRoundingUp(by: GroupGeometry.blockSize)
      placement = try Self.smallestPlacement(of: nodes, from: 1, spare: spare, options: options)
      size = placement.geometry.blockCount * GroupGeometry.blockSize
    }
    let emission = Emission(nodes, placement, options: options)
    runs = emission.runs(size: size)
    statistics = Ext4Statistics(emission)
  }

  /// The fewest bytes that hold `tree`, whatever size `options` ask for.
  ///
  /// - Throws: `Ext4Error.layout` for something in the tree that ext4 cannot hold.
  package static func minimumSize(_ tree: FileTree, options: Ext4Options) throws(Ext4Error) -> Int {
    let nodes = try nodes(of: tree, options: options)
    let placement = try smallestPlacement(of: nodes, from: 1, spare: 0, options: options)
    return placement.geometry.blockCount * GroupGeometry.blockSize
  }

  private static func nodes(of tree: FileTree, options: Ext4Options) throws(Ext4Error) -> [Node] {
    try options.check()
    var tree = tree
    tree.addLostAndFound(time: options.timestamp)
    do {
      return try NodeMaker(tree, names: NamedInodes(tree), options: options).nodes()
    } catch {
      let path = tree.firstPath(to: error.id)
      throw .layout(error.isContradiction ? .contradiction(path, error.what) : .unholdable(path, error.what))
    }
  }

  private static func placement(
    of nodes: [Node], in size: Int, options: Ext4Options
  ) throws(Ext4Error) -> Placement {
    let blocks = max(size, 0) / GroupGeometry.blockSize
    guard blocks <= GroupGeometry.mostBlocks else { throw .layout(.tooLarge) }
    do {
      return try Placement(nodes, blocks: blocks, spare: 0, options: options)
    } catch {
      // Searched from here on, for a larger file system also has a larger journal and larger tables.
      let fit = try smallestPlacement(of: nodes, from: blocks + error.blocks, spare: 0, options: options)
      throw .layout(.tooSmall(size: size, needed: fit.geometry.blockCount * GroupGeometry.blockSize))
    }
  }

  /// The first placement that succeeds from `blocks` blocks on, each attempt as much larger as the one before lacked.
  private static func smallestPlacement(
    of nodes: [Node], from blocks: Int, spare: Int, options: Ext4Options
  ) throws(Ext4Error) -> Placement {
    var blocks = blocks
    while blocks <= GroupGeometry.mostBlocks {
      do {
        return try Placement(nodes, blocks: blocks, spare: spare, options: options)
      } catch {
        blocks += error.blocks
      }
    }
    throw .layout(.tooLarge)
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

  fileprivate init(_ emission: Emission) {
    blocks = emission.geometry.blockCount
    freeBlocks = emission.freeBlocks
    inodes = emission.geometry.inodeCount
    freeInodes = emission.freeInodes
  }
}

extension FileTree {
  /// Makes the directory that e2fsck needs, unless the root has something of that name.
  fileprivate mutating func addLostAndFound(time: Timestamp) {
    guard var directory = directory(root), directory[.lostAndFound] == nil else { return }
    directory[.lostAndFound] = add(Inode(mode: 0o700, time: time, body: .directory(Directory())))
    self[root]?.body = .directory(directory)
  }
}
