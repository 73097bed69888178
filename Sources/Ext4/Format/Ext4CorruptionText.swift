import Bytes
import FileTree

extension Ext4Error.Corruption: CustomStringConvertible {
  /// The text that follows the place in a message.
  package var description: String {
    switch self {
    case .checksum: "wrong checksum"
    case .hole: "a hole where there must be none"
    case .blockRange(let start, let count, let end):
      "block \(start), \(count) blocks, where the file system has \(end)"
    case .sharedBlock: "used before as metadata"

    case .imageEnd: "the image ends before it"
    case .noFileSystem: "no ext2, ext3 or ext4 file system"
    case .blockSize(let log): "block size of 2^\(log) KiB"
    case .blockCount(let count): "\(count) blocks"
    case .firstDataBlock(let block): "first data block \(block)"
    case .blocksPerGroup(let count): "\(count) blocks in a group"
    case .clusterSize(let log): "cluster size of 2^\(log) KiB"
    case .descriptorSize(let size): "group descriptors of \(size) bytes"
    case .firstInode(let number): "first inode \(number)"
    case .inodeSize(let size): "inodes of \(size) bytes"
    case .inodesPerGroup(let count): "\(count) inodes in a group"
    case .inodeCount(let count, let groups, let perGroup): "\(count) inodes in \(groups) groups of \(perGroup)"
    case .journalInode(let number, let count): "a journal at inode \(number) of \(count)"
    case .descriptorsPastEnd(let block): "group descriptors at block \(block), past the end of the file system"
    case .cutShort(let blocks, let blockSize, let size):
      "\(blocks) blocks of \(blockSize) bytes, but the image has \(size) bytes"

    case .inodeTable(let block): "inode table at block \(block)"
    case .inodeTableOverlap(let group): "its inode table overlaps that of group \(group)"
    case .unusedInodes(let unused, let count): "\(unused) unused inodes of \(count)"
    case .bitmap(let block): "a bitmap at block \(block)"
    case .bitmapChecksum(let block): "wrong checksum of the bitmap in block \(block)"

    case .noSuchInode(let count): "named, but there are only \(count) inodes"
    case .unusedInode: "named, but not in use"
    case .deletedInode: "named, but deleted"
    case .reservedInode: "named, but reserved"
    case .namedValue: "named, but the value of an extended attribute"
    case .root: "the root, but no directory"
    case .mode(let mode): "mode \(String(mode, radix: 8))"
    case .extraSize(let size): "\(size) bytes of extra fields"
    case .size(let size): "size of \(size) bytes"
    case .linkSize(let size): "a symbolic link of \(size) bytes"
    case .linkWithoutBlock: "a symbolic link without its block"
    case .linkTarget: "a symbolic link with zero bytes in its target"
    case .noInlineData: "inline data without its extended attribute"

    case .noExtentTree: "no extent tree where one must be"
    case .extentCount(let count, let room): "\(count) extents with room for \(room)"
    case .extentDepth(let depth): "extent tree of depth \(depth)"
    case .emptyExtentIndex: "an extent index without entries"
    case .extentIndexOrder(let block): "extent index out of order at block \(block) of the file"
    case .extentOrder(let block): "extent out of order at block \(block) of the file"

    case .directorySize(let size): "a directory of \(size) bytes with holes or a part of a block"
    case .secondDirectoryName: "a directory with two names"
    case .entryCutShort: "a directory entry cut short"
    case .entrySize(let size, let nameSize): "a directory entry of \(size) bytes with a name of \(nameSize)"
    case .entryName(let name): "the name \(name.escaped) in a directory"
    case .duplicateEntry(let name): "the name \(name) twice"

    case .noXattrBlock: "not a block of extended attributes"
    case .xattrsWithoutEnd: "extended attributes without an end"
    case .xattrOutside: "an extended attribute leaves its place"
    case .xattrOverlap: "extended attributes overlap"
    case .xattrAmongNames: "the value of an extended attribute lies among the names"
    case .xattrZeroByte: "an extended attribute with a zero byte in its name"
    case .xattrNameSize(let size): "an extended attribute with a name of \(size) bytes"
    case .duplicateXattr(let name): "extended attribute \(name.escaped) twice"
    case .noXattrValue: "not the value of an extended attribute"
    case .xattrValueSize(let size, let inode, let expected):
      "\(size) bytes of inode \(inode) for an attribute of \(expected)"
    case .inlineDataInBlock: "inline data outside of its inode"
    case .accessControlList(.version): "an ACL of another version than 1"
    case .accessControlList(.cutShort): "an ACL cut short"
    case .accessControlList(.tag(let tag)): "an ACL with tag \(tag)"

    case .journalFile: "named as the journal, but not a file of blocks"
    case .noJournal: "no journal"
    case .journalBlockSize(let size): "a journal of blocks of \(size) bytes"
    case .journalLength(let count, let present): "a journal of \(count) blocks, of which \(present) are there"
    case .journalFirst(let first, let count): "a journal that begins at its block \(first) of \(count)"
    case .journalStart(let start, let count): "a journal whose log starts at its block \(start) of \(count)"
    case .journalChecksumVersions: "a journal with checksums of two versions"
    case .journalWrite(let block, let end): "block \(block), where the file system has \(end)"
    case .revocationSize(let size): "\(size) bytes of revoked blocks"
    }
  }
}
