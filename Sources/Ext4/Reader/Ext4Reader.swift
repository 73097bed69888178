import Bytes
import FileTree
import Storage

/// Reads an ext2, ext3 or ext4 file system.
///
/// Whatever the bytes are, reading ends with a tree or an error. All metadata on the way is checked against its
/// checksums, where the file system has them. What waits in the journal of a file system that was not unmounted is put
/// in place in memory; the image is never written.
package struct Ext4Reader: Sendable {
  /// What the file system says of itself.
  package let superblock: Ext4Superblock
  private let source: any ByteSource
  private let groups: [GroupDescriptor]
  private let policy: ReadPolicy

  /// Opens the file system that `source` is from its first byte on.
  ///
  /// - Throws: `Ext4Error`: also if the file system does not lie within `source` as a whole.
  package init(_ source: any ByteSource, policy: ReadPolicy = ReadPolicy()) throws(Ext4Error) {
    let found = try Self.superblock(in: source, policy)
    if found.incompat.contains(.recover) {
      self.source = try JournalReplay.replayed(source, found, policy: policy)
      superblock = try Self.superblock(in: self.source, policy)
    } else {
      self.source = source
      superblock = found
    }
    if superblock.state.contains(.errors) {
      policy.warn("the file system remembers errors, and e2fsck was not run since")
    }
    self.policy = policy
    groups = try GroupDescriptor.all(of: superblock, count: superblock.groupCount, in: self.source, policy: policy)
  }

  /// How many bytes the file system at the start of `source` takes by its own account; `source` may have fewer.
  ///
  /// - Throws: `Ext4Error` if no superblock is there.
  package static func length(in source: any ByteSource) throws(Ext4Error) -> Int {
    // The reader of the file system reports a wrong checksum.
    let superblock = try parsedSuperblock(in: source, ReadPolicy(verifiesChecksums: false))
    let (length, overflow) = superblock.blockCount.multipliedReportingOverflow(by: superblock.blockSize)
    return overflow ? .max : length
  }

  private static func parsedSuperblock(
    in source: any ByteSource, _ policy: ReadPolicy
  ) throws(Ext4Error) -> Ext4Superblock {
    guard source.size >= 2048 else { throw .superblock(.imageEnd) }
    var bytes = [UInt8](repeating: 0, count: 1024)
    try source.fill(&bytes, from: 1024)
    return try Ext4Superblock(parsing: bytes.span, policy: policy)
  }

  private static func superblock(in source: any ByteSource, _ policy: ReadPolicy) throws(Ext4Error) -> Ext4Superblock {
    let superblock = try parsedSuperblock(in: source, policy)
    guard superblock.blockCount <= source.size / superblock.blockSize else {
      throw .superblock(
        .cutShort(blocks: superblock.blockCount, blockSize: superblock.blockSize, size: source.size))
    }
    return superblock
  }

  /// The whole file system as a tree, with the inode numbers of the disk. Files are not read: their contents are ranges
  /// of the source, or of the source with its journal replayed if the journal holds a part of them.
  ///
  /// Only what has a name is in the tree: not the journal, nor other inodes of the file system's own.
  ///
  /// - Throws: `Ext4Error`.
  package func tree() throws(Ext4Error) -> FileTree {
    // Nothing in the tree depends on bitmaps, and crashes and their repairs leave them wrong: of a file system that was
    // not unmounted, all that can be had is wanted.
    let isReplayed = superblock.incompat.contains(.recover)
    let bitmapPolicy = isReplayed ? ReadPolicy(verifiesChecksums: false, warn: policy.warn) : policy
    try GroupDescriptor.checkBitmaps(of: groups, superblock, in: source, policy: bitmapPolicy)
    return try TreeBuilder.tree(MetadataReader(superblock, groups, in: source, policy: policy))
  }

  /// The result of `look` on a tree that is read as far as `look` accesses it: the directories on its way, and the inodes whose
  /// names it finds in them.
  ///
  /// `look` is called several times, with more of the tree each time, and all but the last result is forgotten; so it must not do
  /// anything else. Bitmaps are not checked.
  ///
  /// - Parameter paths: files and directories that `look` will read, as far as that is known: then it need not be called so often,
  ///   and they are made ready side by side.
  ///
  /// - Throws: `Ext4Error`, and what `look` throws.
  package func look<Value>(expecting paths: [TreePath] = [], _ look: (FileTree) throws -> Value) throws -> Value {
    var result: Result<Value, any Error>?
    try TreeLook.look(MetadataReader(superblock, groups, in: source, policy: policy), expecting: paths) { tree in
      result = Result { try look(tree) }
    }
    guard let result else { preconditionFailure("`TreeLook.look` calls its closure at least once, or throws") }
    return try result.get()
  }
}
