import Bytes
import FileTree
import Storage

/// Reads an ext2, ext3 or ext4 file system.
///
/// Whatever the bytes are, reading ends with a tree or an error. All metadata on the way is checked against its
/// checksums, where the file system has them.
package struct Ext4Reader: Sendable {
  /// What the file system says of itself.
  package let superblock: Ext4Superblock
  private let source: any ByteSource
  private let groups: [GroupDescriptor]

  /// Opens the file system that `source` is from its first byte on.
  ///
  /// - Throws: `Ext4Error`: also if the file system was not unmounted, or does not lie within `source` as a whole.
  package init(_ source: any ByteSource, policy: ReadPolicy = ReadPolicy()) throws(Ext4Error) {
    guard source.size >= 2048 else { throw .superblock("the image ends before it") }
    var bytes = [UInt8](repeating: 0, count: 1024)
    try source.fill(&bytes, from: 1024)
    superblock = try Ext4Superblock(parsing: bytes.span)
    guard superblock.blockCount <= source.size / superblock.blockSize else {
      throw .superblock(
        "\(superblock.blockCount) blocks of \(superblock.blockSize) bytes, but the image has \(source.size) bytes")
    }
    self.source = source
    groups = try GroupDescriptor.all(of: superblock, in: source)
  }

  /// The whole file system as a tree, with the inode numbers of the disk. Files are not read: their contents are ranges
  /// of the source.
  ///
  /// Only what has a name is in the tree: not the journal, nor other inodes of the file system's own.
  ///
  /// - Throws: `Ext4Error`.
  package func tree() throws(Ext4Error) -> FileTree {
    try TreeBuilder.tree(superblock, groups, in: source)
  }
}
