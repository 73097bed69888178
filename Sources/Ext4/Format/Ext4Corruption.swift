import Bytes
import FileTree

extension Ext4Error {
  /// What can be wrong with a file system. The cases of several structures come first, then those of each.
  ///
  /// The values are the numbers that the disk states; `Ext4Error.corrupt` has the `Place` beside them.
  package enum Corruption: Sendable, Equatable {
    /// A structure whose checksum does not fit.
    case checksum
    /// Content that must be whole, such as the journal or a value, lacks a block.
    case hole
    /// Blocks that begin at the superblock or before it, or end after the `end` blocks of the file system.
    case blockRange(start: Int, count: Int, end: Int)
    /// A block of metadata that belongs to another structure already.
    case sharedBlock

    // The superblock, and the geometry that it states.

    /// The image ends before its superblock does.
    case imageEnd
    /// No magic number where a superblock has it.
    case noFileSystem
    /// A block size of 2 to the power of `log` KiB.
    case blockSize(log: UInt32)
    /// More blocks than extents can number.
    case blockCount(UInt64)
    /// A first data block that does not go with the block size.
    case firstDataBlock(Int)
    /// No blocks in a group, or more than one block of bitmap covers.
    case blocksPerGroup(Int)
    /// A cluster size of 2 to the power of `log` KiB.
    case clusterSize(log: UInt32)
    /// A group descriptor whose bytes are not a power of two from 64 to 1024.
    case descriptorSize(Int)
    /// A first unreserved inode among those that are always reserved.
    case firstInode(UInt32)
    /// An inode whose bytes are not a power of two from 128 to the block size.
    case inodeSize(Int)
    /// Fewer inodes in a group than fill a block, or more than one block of bitmap covers.
    case inodesPerGroup(Int)
    /// A number of inodes other than that of all groups together.
    case inodeCount(Int, groups: Int, perGroup: Int)
    /// The journal's inode is none of the `count` inodes.
    case journalInode(UInt32, count: Int)
    /// A block of group descriptors lies past the end.
    case descriptorsPastEnd(block: Int)
    /// The file system is larger than the image, which has `size` bytes.
    case cutShort(blocks: Int, blockSize: Int, size: Int)

    // Group descriptors.

    /// An inode table that begins or ends outside of the file system.
    case inodeTable(block: Int)
    /// An inode table that shares blocks with the table of another group.
    case inodeTableOverlap(group: Int)
    /// More unused inodes than the group has.
    case unusedInodes(Int, of: Int)
    /// A bitmap outside of the file system.
    case bitmap(block: Int)
    /// A bitmap whose checksum does not fit.
    case bitmapChecksum(block: Int)

    // Inodes.

    /// A name leads past the last of `count` inodes.
    case noSuchInode(count: Int)
    /// A name leads to a part of the inode table that is not in use.
    case unusedInode
    /// A name leads to an inode without links.
    case deletedInode
    /// A name leads to an inode that the file system keeps for itself.
    case reservedInode
    /// A name leads to an inode that is the value of an extended attribute.
    case namedValue
    /// The root is not a directory.
    case root
    /// A mode with a type that does not exist.
    case mode(UInt16)
    /// More extra fields than the inode has room for, or a number of bytes that is not a multiple of four.
    case extraSize(Int)
    /// More bytes of content than the format allows, or than indirect blocks reach.
    case size(UInt64)
    /// A symbolic link whose target is empty or longer than 4095 bytes.
    case linkSize(Int)
    /// A symbolic link without a block, whose target is too long for the inode.
    case linkWithoutBlock
    /// A symbolic link whose target is cut short or contains a zero byte.
    case linkTarget
    /// Inline data without the attribute that holds the rest of it.
    case noInlineData

    // Extent trees. Blocks are counted from the start of the file.

    /// A root or block without the magic number of an extent tree.
    case noExtentTree
    /// A node with more entries than it states room for, or that states more room than it has.
    case extentCount(Int, room: Int)
    /// A root of more than five levels, or a node that is not one level below its parent.
    case extentDepth(Int)
    /// An index node without entries.
    case emptyExtentIndex
    /// An entry of an index node that lies outside of the range of the node, or not after the entry before it.
    case extentIndexOrder(block: Int)
    /// An extent that is empty, lies outside of the range of its leaf, or overlaps the extent before it.
    case extentOrder(block: Int)

    // Directories.

    /// A directory without blocks, with a part of a block, or with holes.
    case directorySize(Int)
    /// A second name for a directory, or any name for the root.
    case secondDirectoryName
    /// Fewer bytes at the end of a block than an entry's fixed part has.
    case entryCutShort
    /// An entry that does not fit its block, is not a multiple of four bytes, or has no room for its name.
    case entrySize(Int, nameSize: Int)
    /// A name that is empty, or contains a slash or a zero byte.
    case entryName([UInt8])
    /// A name that occurs twice in one directory.
    case duplicateEntry(Name)

    // Extended attributes.

    /// A block without the magic number of a block of attributes.
    case noXattrBlock
    /// The list of attributes goes on past the end of its inode or block.
    case xattrsWithoutEnd
    /// A name or a value lies past the end of its inode or block.
    case xattrOutside
    /// Values that together need more room than there is.
    case xattrOverlap
    /// A value that lies where the names are.
    case xattrAmongNames
    /// A zero byte in a name.
    case xattrZeroByte
    /// An attribute without a name, or an ACL with one: the number of its prefix says all of that.
    case xattrNameSize(Int)
    /// A name, with its prefix, that occurs twice.
    case duplicateXattr([UInt8])
    /// An inode that an attribute names as its value, and that is not marked as a value.
    case noXattrValue
    /// A value that is an inode, and has another size than its attribute states.
    case xattrValueSize(Int, inode: UInt32, expected: Int)
    /// Inline data in a block of attributes.
    case inlineDataInBlock
    /// An ACL that cannot be parsed.
    case accessControlList(AccessControlList.Problem)

    // The journal. Blocks are counted from the start of the journal, except in `journalWrite`.

    /// The inode of the journal is not a file of blocks.
    case journalFile
    /// The first block is not a superblock of a journal.
    case noJournal
    /// Bytes of a block, which differ from those of the file system.
    case journalBlockSize(Int)
    /// A journal longer than its file, which has `present` blocks.
    case journalLength(Int, present: Int)
    /// The log begins at the superblock of the journal, or past the end of the log.
    case journalFirst(Int, of: Int)
    /// The oldest transaction lies outside of the log.
    case journalStart(Int, of: Int)
    /// The features state checksums of versions 2 and 3.
    case journalChecksumVersions
    /// A transaction wrote a block that lies after the `end` blocks of the file system.
    case journalWrite(block: Int, end: Int)
    /// More bytes of revoked blocks than fit into a block.
    case revocationSize(Int)
  }
}
