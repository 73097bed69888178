import Bytes
import FileTree
import Storage

/// The layout of a tree that the layouts of trees made from it share: see `Ext4Layout.init(_:uuid:sharing:)`.
///
/// Layouts share nothing but what the options make the same, so `Ext4Options.checksumSeed` should be set: else every
/// block of metadata has checksums of its own.
package struct Ext4Base: Sendable {
  /// The base tree's own layout.
  package let layout: Ext4Layout
  /// The bytes of the file system.
  package let size: Int

  private(set) var options: Ext4Options
  /// The tree with its lost+found.
  let tree: FileTree
  let names: NamedInodes
  let placement: Placement
  let inodes: InodeTableRecords
  let groups: GroupRecords
  let superblock: SuperblockRecord

  /// The layout of `tree`.
  ///
  /// - Throws: `Ext4Error.layout` for a size that is too small, which says what is needed, or for something in the tree
  ///   that ext4 cannot hold, which says its path.
  package init(_ tree: FileTree, options: Ext4Options) throws(Ext4Error) {
    try options.check()
    var tree = tree.withLostAndFound(time: options.timestamp)
    tree.indexNames()
    let (names, nodes) = try NodeMaker.all(of: tree, options: options)
    let (placement, size) = try Placement.fitting(nodes, options: options)
    let emission = Emission(nodes, placement, options: options)
    self.options = options
    self.tree = tree
    self.names = names
    self.placement = placement
    self.size = size
    inodes = emission.inodes
    groups = emission.groups
    superblock = emission.superblock
    layout = Ext4Layout(emission, size: size)
    self.options.size = .bytes(size)
  }
}

extension NodeMaker {
  /// The inodes of `tree` that have names, and their nodes.
  ///
  /// - Throws: `Ext4Error.layout` for something in the tree that ext4 cannot hold, which says its path.
  static func all(of tree: FileTree, options: Ext4Options) throws(Ext4Error) -> (NamedInodes, [Node]) {
    do {
      let names = try NamedInodes(tree)
      return (names, try NodeMaker(tree, facts: names.facts, options: options).nodes(names.entries))
    } catch {
      throw error.located(in: tree)
    }
  }
}

extension NodeProblem {
  /// The problem with its path in `tree`.
  func located(in tree: FileTree) -> Ext4Error {
    let path = tree.firstPath(to: id)
    return .layout(isContradiction ? .contradiction(path, what) : .unholdable(path, what))
  }
}

extension FileTree {
  /// The tree with the directory that e2fsck needs, unless the root has something of that name.
  func withLostAndFound(time: Timestamp) -> FileTree {
    guard var directory = directory(root), directory[.lostAndFound] == nil else { return self }
    var tree = self
    directory[.lostAndFound] = tree.add(Inode(mode: 0o700, time: time, body: .directory(Directory())))
    tree[root]?.body = .directory(directory)
    return tree
  }
}
