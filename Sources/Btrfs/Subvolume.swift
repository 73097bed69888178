import FileTree

/// What a subvolume holds: trees, each in a folder of its own beneath the subvolume's root.
package struct Subvolume: Sendable {
  /// A tree and the folder that it is.
  package struct Part: Sendable {
    package let folder: Name
    package let tree: FileTree

    /// The tree `tree` as the folder `folder`.
    package init(folder: Name, tree: FileTree) {
      self.folder = folder
      self.tree = tree
    }

    /// The inode of `id` as btrfs has it: FAT knows no owners, so its files are root's, and everybody may read them.
    func inode(_ id: InodeID) -> Inode? {
      guard var inode = tree[id], tree.flavor == .fat else { return tree[id] }
      inode.mode = inode.body.isDirectory ? 0o755 : 0o644
      return inode
    }
  }

  /// The parts, in the order of the streams.
  package let parts: [Part]
  /// The times of the subvolume's own root directory, which is root's with mode 0755.
  package let time: Timestamp

  /// A subvolume of these parts, whose folders differ.
  package init(_ parts: [Part], time: Timestamp) {
    self.parts = parts
    self.time = time
  }

  /// A system's subvolume: its boot files in `boot`, its root in `root`.
  package init(boot: FileTree, root: FileTree, time: Timestamp) {
    let parts = [("boot", boot), ("root", root)] as [(TreePath, FileTree)]
    self.init(parts.flatMap { path, tree in path.names.map { Part(folder: $0, tree: tree) } }, time: time)
  }

  /// The root directory's inode.
  var top: Inode { Inode(mode: 0o755, time: time, body: .directory(Directory())) }
}

extension Inode {
  /// Whether it is a symbolic link.
  var isSymlink: Bool { if case .symlink = body { true } else { false } }

  /// The attribute called `name`; nil if there is none.
  func attribute(_ name: StaticString) -> ExtendedAttribute? {
    xattrs.first { attribute in
      unsafe attribute.name.elementsEqual(UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
    }
  }
}

/// What btrfs and its receiver can take.
enum Limits {
  /// The receiver joins its target's path, the subvolume's name and the path in 4,096 bytes with the final NUL
  /// (cmds/receive.c, path_cat_out); what is left here goes to the first two.
  static let path = 3584
  /// Name and value of an extended attribute share a leaf of 16 KiB with its header (101), the item's (25) and the
  /// entry's (30) (kernel-shared/ctree.h, BTRFS_MAX_XATTR_SIZE).
  static let attribute = 16384 - 101 - 25 - 30

  /// Throws if `path` is longer than a receiver takes.
  static func check(_ path: [UInt8]) throws(BtrfsError) {
    guard path.count <= Limits.path else {
      throw .unsupported(path: path, "a path of \(path.count) bytes; btrfs receive takes \(Limits.path)")
    }
  }

  /// Throws if `inode` or its `path` is more than a receiver takes.
  static func check(_ inode: Inode, at path: [UInt8]) throws(BtrfsError) {
    try check(path)
    for attribute in inode.xattrs where attribute.name.count + attribute.value.count > Limits.attribute {
      throw .unsupported(
        path: path,
        "the extended attribute \(attribute.name.escaped) of \(attribute.value.count) bytes; btrfs holds \(Limits.attribute) with the name"
      )
    }
  }
}
