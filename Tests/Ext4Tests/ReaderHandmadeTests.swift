import Bytes
import FileTree
import Glibc
import Storage
import Synchronization
import TestSupport
import Testing

@testable import Ext4

/// A file system made to deceive, and what the reader must say of it.
struct Deceit: Sendable, CustomTestStringConvertible {
  let testDescription: String
  /// A part of the error's text; nil if it can be read all the same.
  let error: String?
  let change: @Sendable (inout HandmadeImage) -> Void

  init(_ description: String, _ error: String?, _ change: @escaping @Sendable (inout HandmadeImage) -> Void) {
    (testDescription, self.error, self.change) = (description, error, change)
  }
}

private typealias Made = HandmadeImage

private let directories: [Deceit] = [
  Deceit("nothing wrong", nil) { _ in },
  Deceit("a folder within itself", "inode 13: a directory with two names") {
    $0.setFolder(13, parent: 2, block: 22, [.init("b", 14), .init("me", 13)])
  },
  Deceit("a folder above itself", "inode 13: a directory with two names") {
    $0.setFolder(14, parent: 13, block: 23, [.init("up", 13)])
  },
  Deceit("the root within itself", "inode 2: a directory with two names") {
    $0.setFolder(14, parent: 13, block: 23, [.init("root", 2)])
  },
  Deceit("two folders in the same block", "block 23 of inode 14: used before as metadata") {
    $0.setFolder($0.addInode(), parent: 2, block: 23, [])
    $0.setRoot([.init("f", 12), .init("a", 13), .init("c", 15)])
  },
  Deceit("a folder in the root's block", "used before as metadata") {
    $0.setInode(13, mode: 0o40755, size: 1024, links: 2, root: Made.node(depth: 0, [(0, 1, 21)]))
  },
  Deceit("a name twice", "the name f twice") { $0.setRoot([.init("f", 12), .init("f", 13)]) },
  Deceit("a name with a slash", "the name x/y") { $0.setRoot([.init("x/y", 12)]) },
  Deceit("a name that goes up", "the name ../x") { $0.setRoot([.init("../x", 12)]) },
  Deceit("a name with NUL", "the name x%00y") { $0.setRoot([.init([0x78, 0, 0x79], 12)]) },
  Deceit("an empty name", "the name  in a directory") { $0.setRoot([.init("", 12)]) },
  Deceit("a second entry for the folder itself", nil) { $0.setRoot([.init("f", 12), .init(".", 2), .init("..", 12)]) },
  Deceit("an entry of no bytes", "a directory entry of 0 bytes") { $0.setRoot([.init("f", 12, length: 0)]) },
  Deceit("an entry of 4 bytes", "a directory entry of 4 bytes") { $0.setRoot([.init("f", 12, length: 4)]) },
  Deceit("an entry of 13 bytes", "a directory entry of 13 bytes") { $0.setRoot([.init("f", 12, length: 13)]) },
  Deceit("an entry shorter than its name", "a directory entry of 12 bytes with a name of 6") {
    $0.setRoot([.init("longer", 12, length: 12), .init("f", 12)])
  },
  Deceit("an entry past its block", "a directory entry of 2048 bytes") { $0.setRoot([.init("f", 12, length: 2048)]) },
  Deceit("an entry of 65535 bytes", "a directory entry of 65535 bytes") {
    $0.setRoot([.init("f", 12, length: 65535)])
  },
  Deceit("an entry that leaves 4 bytes", "a directory entry cut short") { $0.setRoot([.init("f", 12, length: 996)]) },
  Deceit("a name for no inode", "inode 60: named, but deleted") { $0.setRoot([.init("f", 60)]) },
  Deceit("a name past all inodes", "there are only 64") { $0.setRoot([.init("f", 65)]) },
  Deceit("a name for the last inode number", "there are only 64") { $0.setRoot([.init("f", .max)]) },
  Deceit("a name for the bad blocks", "inode 1: named, but reserved") { $0.setRoot([.init("f", 1)]) },
  Deceit("no root", "inode 2: named, but deleted") { $0.setInode(2, 0x1A, UInt16(0)) },
  Deceit("a file as root", "inode 2: the root, but no directory") { $0.setInode(2, 0x00, UInt16(0o100644)) },
  Deceit("a mode of no type", "inode 12: mode 170644") { $0.setInode(12, 0x00, UInt16(0o170644)) },
  Deceit("an empty folder", "a directory of 0 bytes") { $0.setInode(13, 0x04, UInt32(0)) },
  Deceit("a folder of half a block", "part of a block") { $0.setInode(13, 0x04, UInt32(512)) },
  Deceit("a folder with a hole", "with holes") { $0.setInode(13, 0x04, UInt32(2048)) },
  Deceit("a folder of 4 GiB less a block", "with holes") { $0.setInode(13, 0x04, UInt32(0xFFFF_FC00)) },
  Deceit("a folder of 4 TiB", "a directory of") {
    $0.setSuperblock(0x60, UInt32(0x4042))
    $0.setInode(13, 0x6C, UInt32(0x3FF))
  },
  Deceit("a deep path", nil) {
    for depth in 0..<40 {
      let number = $0.addInode()
      let block = $0.addBlock()
      $0.setFolder(number, parent: 2, block: block, depth == 39 ? [] : [.init("d", number + 1)])
    }
    $0.setRoot([.init("f", 12), .init("d", 15)])
  },
]

private let contents: [Deceit] = [
  Deceit("an extent tree of five levels", nil) {
    var child = $0.addBlock(Made.node(depth: 0, [(0, 3, 24)], limit: 84))
    for depth in UInt16(1)...4 { child = $0.addBlock(Made.node(depth: depth, [(0, 0, child)], limit: 84)) }
    $0.setInode(12, mode: 0o100644, size: 3000, root: Made.node(depth: 5, [(0, 0, child)]))
  },
  Deceit("an extent tree of six levels", "extent tree of depth 6") {
    $0.setInode(12, mode: 0o100644, size: 3000, root: Made.node(depth: 6, [(0, 0, 30)]))
  },
  Deceit("an extent tree within itself", "used before as metadata") {
    let block = $0.addBlocks(1)
    $0.setBlock(block, Made.node(depth: 1, [(0, 0, block)], limit: 84))
    $0.setInode(12, mode: 0o100644, size: 3000, root: Made.node(depth: 2, [(0, 0, block)]))
  },
  Deceit("two files with one extent tree", "used before as metadata") {
    let block = $0.addBlock(Made.node(depth: 0, [(0, 3, 24)], limit: 84))
    for number in [UInt32(12), $0.addInode()] {
      $0.setInode(number, mode: 0o100644, size: 3000, root: Made.node(depth: 1, [(0, 0, block)]))
    }
    $0.setRoot([.init("f", 12), .init("g", 15)])
  },
  Deceit("an index that goes down two levels", "extent tree of depth 0") {
    let block = $0.addBlock(Made.node(depth: 0, [(0, 3, 24)], limit: 84))
    $0.setInode(12, mode: 0o100644, size: 3000, root: Made.node(depth: 2, [(0, 0, block)]))
  },
  Deceit("an index without entries", "an extent index without entries") {
    $0.setInode(12, mode: 0o100644, size: 3000, root: Made.node(depth: 1, []))
  },
  Deceit("an index out of order", "extent index out of order") {
    let block = $0.addBlock(Made.node(depth: 0, [(5, 1, 24)], limit: 84))
    $0.setInode(12, mode: 0o100644, size: 9000, root: Made.node(depth: 1, [(5, 0, block), (2, 0, block)]))
  },
  Deceit("a leaf outside of what its index says", "extent out of order") {
    let block = $0.addBlock(Made.node(depth: 0, [(1, 3, 24)], limit: 84))
    $0.setInode(12, mode: 0o100644, size: 9000, root: Made.node(depth: 1, [(2, 0, block)]))
  },
  Deceit("an index to a block of data", "no extent tree where one must be") {
    $0.setInode(12, mode: 0o100644, size: 3000, root: Made.node(depth: 1, [(0, 0, 24)]))
  },
  Deceit("an index to block 0", "block 0, 1 blocks") {
    $0.setInode(12, mode: 0o100644, size: 3000, root: Made.node(depth: 1, [(0, 0, 0)]))
  },
  Deceit("an extent of no blocks", "extent out of order") {
    $0.setInode(12, mode: 0o100644, size: 3000, root: Made.node(depth: 0, [(0, 0, 24)]))
  },
  Deceit("extents that overlap", "extent out of order at block 2") {
    $0.setInode(12, mode: 0o100644, size: 9000, root: Made.node(depth: 0, [(0, 3, 24), (2, 1, 30)]))
  },
  Deceit("an extent past block 2^32 of its file", "extent out of order") {
    $0.setInode(12, mode: 0o100644, size: 9000, root: Made.node(depth: 0, [(.max, 2, 24)]))
  },
  Deceit("an extent at block 0", "block 0, 3 blocks") {
    $0.setInode(12, mode: 0o100644, size: 3000, root: Made.node(depth: 0, [(0, 3, 0)]))
  },
  Deceit("an extent over the superblock", "block 1, 3 blocks") {
    $0.setInode(12, mode: 0o100644, size: 3000, root: Made.node(depth: 0, [(0, 3, 1)]))
  },
  Deceit("an extent past the end", "block 510, 3 blocks") {
    $0.setInode(12, mode: 0o100644, size: 3000, root: Made.node(depth: 0, [(0, 3, 510)]))
  },
  Deceit("an extent at the last block that 48 bits can say", "block 281474976710655") {
    $0.setInode(12, mode: 0o100644, size: 3000, root: Made.node(depth: 0, [(0, 3, 1 << 48 - 1)]))
  },
  Deceit("an unwritten extent past the end", "block 510, 3 blocks") {
    $0.setInode(12, mode: 0o100644, size: 3000, root: Made.node(depth: 0, [(0, 32771, 510)]))
  },
  Deceit("more extents than there is room for", "9 extents with room for 4") {
    $0.setInode(12, 40 + 2, UInt16(9))
  },
  Deceit("room for more extents than there is", "1 extents with room for 500") { $0.setInode(12, 40 + 4, UInt16(500)) },
  Deceit("a file of 4 TiB", nil) {
    $0.setInode(12, mode: 0o100644, size: 0xFFFF_FFFF << 10, root: Made.node(depth: 0, [(0xFFFF_FFFE, 1, 24)]))
  },
  Deceit("a file of 16 TiB", "size of 17592186044416 bytes") {
    $0.setInode(12, mode: 0o100644, size: 16 << 40, root: Made.node(depth: 0, []))
  },
  Deceit("a file of 16 EiB", "size of 18446744073709551615 bytes") {
    $0.setInode(12, mode: 0o100644, size: .max, root: Made.node(depth: 0, []))
  },
  Deceit("an indirect block within itself", "used before as metadata") {
    let block = $0.addBlocks(1)
    $0.setBlock(block, Array(repeatElement([UInt8(block), 0, 0, 0], count: 256).joined()))
    $0.setInode(
      12, mode: 0o100644, size: 1 << 30, flags: 0, root: [UInt8](repeating: 0, count: 56) + [UInt8(block), 0, 0, 0])
  },
  Deceit("an indirect block past the end", "block 16777216") {
    $0.setInode(12, mode: 0o100644, size: 1 << 20, flags: 0, root: [UInt8](repeating: 0, count: 51) + [1, 0, 0, 0, 0])
  },
  Deceit("a file larger than indirect blocks reach", "size of") {
    $0.setInode(12, mode: 0o100644, size: 17 << 30, flags: 0, root: [])
  },
  Deceit("a link of no bytes", "a symbolic link of 0 bytes") { $0.setInode(12, mode: 0o120777, size: 0, root: [0x78]) },
  Deceit("a link of 5000 bytes", "a symbolic link of 5000 bytes") {
    $0.setInode(12, mode: 0o120777, size: 5000, root: [0x78])
  },
  Deceit("a link that ends early", "zero bytes in its target") {
    $0.setInode(12, mode: 0o120777, size: 5, root: [0x78, 0x79])
    $0.setInode(12, 0x1C, UInt32(0))
    $0.setInode(12, 0x20, UInt32(0))
  },
  Deceit("an encrypted file", "encrypted files (inode 12)") { $0.setInode(12, 0x20, UInt32(0x8_0800)) },
  Deceit("a time of more nanoseconds than a second has", nil) { $0.setInode(12, 0x88, UInt32.max) },
  Deceit("more extra fields than there is room for", "bytes of extra fields") { $0.setInode(12, 0x80, UInt16(132)) },
  Deceit("extra fields that are not aligned", "bytes of extra fields") { $0.setInode(12, 0x80, UInt16(30)) },
  Deceit("inline data without its attribute", "inline data without its extended attribute") {
    $0.setInode(12, 0x20, UInt32(0x1000_0000))
  },
]

private let attributes: [Deceit] = [
  Deceit("an attribute", nil) { $0.setXattrs(of: 12, Made.xattr("name", offset: 80, size: 8)) },
  Deceit("an attribute past its inode", "an extended attribute leaves its place") {
    $0.setXattrs(of: 12, Made.xattr("name", offset: 90, size: 8))
  },
  Deceit("an attribute of 4 GiB", "an extended attribute leaves its place") {
    $0.setXattrs(of: 12, Made.xattr("name", offset: 80, size: .max))
  },
  Deceit("a value among the names", "lies among the names") {
    $0.setXattrs(of: 12, Made.xattr("name", offset: 0, size: 8))
  },
  Deceit("values that share bytes", "extended attributes overlap") {
    let header: [UInt8] = [0, 0, 2, 0xEA, 1, 0, 0, 0, 1, 0, 0, 0] + [UInt8](repeating: 0, count: 20)
    let entries = ["a", "b", "c"].flatMap { Made.xattr($0, offset: 500, size: 500) }
    $0.setInode(12, 0x68, UInt32($0.addBlock(header + entries)))
  },
  Deceit("an attribute twice", "extended attribute user.a twice") {
    $0.setXattrs(of: 12, Made.xattr("a", offset: 80, size: 4) + Made.xattr("a", offset: 84, size: 4))
  },
  Deceit("an attribute with NUL in its name", "a zero byte in its name") {
    $0.setXattrs(of: 12, Made.xattr("a\0b", offset: 80, size: 4))
  },
  Deceit("attributes without an end", "without an end") {
    $0.setXattrs(of: 12, Made.xattr(String(repeating: "x", count: 76), offset: 0, size: 0))
  },
  Deceit("an ACL of another version", "an ACL of another version") {
    $0.setXattrs(of: 12, Made.xattr("", index: 2, offset: 80, size: 8))
  },
  Deceit("attributes in the superblock", "block 1, 1 blocks") { $0.setInode(12, 0x68, UInt32(1)) },
  Deceit("attributes past the end", "block 512, 1 blocks") { $0.setInode(12, 0x68, UInt32(512)) },
  Deceit("attributes in a block of data", "not a block of extended attributes") { $0.setInode(12, 0x68, UInt32(24)) },
  Deceit("a value that is a folder", "not the value of an extended attribute") {
    $0.setXattrs(of: 12, Made.xattr("a", offset: 0, size: 4, inode: 13))
  },
  Deceit("a value that is its own file", "not the value of an extended attribute") {
    $0.setXattrs(of: 12, Made.xattr("a", offset: 0, size: 4, inode: 12))
  },
]

private let superblocks: [Deceit] = {
  let wrong: [(Int, UInt32, String?)] = [
    (0x00, 0, "0 inodes"), (0x00, .max, "inodes in 1 groups"), (0x04, 0, "first data block 1"),
    (0x04, .max, "64 inodes in 524288 groups"), (0x04, 513, "the image has"), (0x14, 2, "first data block 2"),
    (0x14, .max, "first data block"), (0x18, 7, "block size of 2^7 KiB"), (0x18, .max, "block size of"),
    (0x20, 0, "0 blocks in a group"), (0x20, .max, "blocks in a group"), (0x28, 0, "0 inodes in a group"),
    (0x28, .max, "inodes in a group"), (0x38, 0, "no ext2"), (0x4C, 2, "revision 2"), (0x54, 10, "first inode 10"),
    (0x58, 0, "inodes of 0 bytes"), (0x58, 255, "inodes of 255 bytes"), (0x58, 2048, "inodes of 2048 bytes"),
    (0x60, 0x43, "feature compression"), (0x60, 0x4A, "feature journal_dev"), (0x60, 0x1042, "feature dirdata"),
    (0x60, 0x8000_0042, "incompat 0x80000000"), (0x60, 0xC2, "group descriptors of 0 bytes"),
    (0x60, 0x46, nil), (0x64, 0x443, "checksum type 0"), (0x64, 0x53, "group 0: wrong checksum"),
    (0x64, 0x243, "cluster size of 2^0"), (0x104, .max, nil),
  ]
  return wrong.map { offset, value, error in
    Deceit("\(value) at \(offset) of the superblock", offset == 0x64 && value == 0x243 ? nil : error) {
      $0.setSuperblock(offset, value)
    }
  } + [
    Deceit("a cluster size of 2^30 KiB", "cluster size of 2^30") {
      $0.setSuperblock(0x64, UInt32(0x243))
      $0.setSuperblock(0x1C, UInt32(30))
    },
    Deceit("an inode table at block 0", "inode table at block 0") { $0.bytes.store(le: UInt32(0), at: 2056) },
    Deceit("an inode table that ends late", "inode table at block 497") { $0.bytes.store(le: UInt32(497), at: 2056) },
  ]
}()

private let journals: [Deceit] = [
  Deceit("an empty journal", nil) { $0.setJournal([], start: 0) },
  Deceit("a log that is empty all the same", nil) { $0.setJournal([]) },
  Deceit("no journal, though it must be replayed", nil) { $0.setSuperblock(0x60, UInt32(0x46)) },
  Deceit("a journal on another device", "a journal on another device") {
    $0.setJournal([])
    $0.setSuperblock(0xE0, UInt32(0))
  },
  Deceit("a journal past all inodes", "a journal at inode 70") {
    $0.setJournal([])
    $0.setSuperblock(0xE0, UInt32(70))
  },
  Deceit("a folder as journal", "inode 13: named as the journal") {
    $0.setJournal([])
    $0.setSuperblock(0xE0, UInt32(13))
  },
  Deceit("a file as journal", "inode 12: no journal") {
    $0.setJournal([])
    $0.setSuperblock(0xE0, UInt32(12))
  },
  Deceit("a journal with a hole", "block 5 of the journal: a hole") {
    $0.setJournal([])
    $0.setInode(
      8, mode: 0o100600, size: 32 * 1024,
      root: Made.node(depth: 0, [(0, 5, Made.journalStart), (6, 26, Made.journalStart + 6)]))
    $0.setBlock(Made.journalStart + 1, Made.descriptor(7, [24, 25, 26]))
    $0.setBlock(Made.journalStart + 4 + 1, [])
  },
  Deceit("a journal longer than its inode", "a journal of 4294967295 blocks, of which 32") {
    $0.setJournal([])
    $0.bytes.store(be: UInt32.max, at: Made.journalStart * 1024 + 0x10)
  },
  Deceit("a journal that begins at block 0", "begins at its block 0") {
    $0.setJournal([])
    $0.bytes.store(be: UInt32(0), at: Made.journalStart * 1024 + 0x14)
  },
  Deceit("a log that starts past its end", "starts at its block 32") { $0.setJournal([], start: 32) },
  Deceit("a journal with other blocks", "blocks of 4096 bytes") {
    $0.setJournal([])
    $0.bytes.store(be: UInt32(4096), at: Made.journalStart * 1024 + 0x0C)
  },
  Deceit("a journal with an unknown feature", "journal feature 0x40") { $0.setJournal([], features: 0x41) },
  Deceit("checksums of two versions", "checksums of two versions") { $0.setJournal([], features: 0x18) },
  Deceit("a journal of only lists of revoked blocks", nil) {
    $0.setJournal([[UInt8]](repeating: Made.revocation(7, [24]), count: 31))
  },
  Deceit("a journal of only descriptors", nil) {
    $0.setJournal([[UInt8]](repeating: Made.descriptor(7, [24]), count: 31))
  },
  Deceit("a descriptor of more blocks than the log has", nil) {
    $0.setJournal([Made.descriptor(7, [UInt32](repeating: 24, count: 100)), Made.commit(7)])
  },
  Deceit("a write past the end", "block 512, where the file system has 512") {
    $0.setJournal([Made.descriptor(7, [512]), [], Made.commit(7)])
  },
  Deceit("a list longer than its block", "2000 bytes of revoked blocks") {
    $0.setJournal([Made.revocation(7, [24], count: 2000), Made.commit(7)])
  },
  Deceit("a superblock of zeros in the journal", "no ext2") {
    $0.setJournal([Made.descriptor(7, [1]), [], Made.commit(7)])
  },
]

@Suite struct `The reader and handmade images` {
  @Test(arguments: directories + contents + attributes + superblocks + journals)
  func `say what is wrong and where`(_ deceit: Deceit) throws {
    var image = HandmadeImage()
    deceit.change(&image)
    do throws(Ext4Error) {
      let tree = try Ext4Reader(MemorySource(image.bytes)).tree()
      #expect(deceit.error == nil)
      #expect(tree.directory(tree.root)?.count ?? 0 > 0)
    } catch {
      #expect(deceit.error.map { error.description.contains($0) } == true, "\(error)")
    }
  }

  @Test func `read a file through five levels of extents`() throws {
    var image = HandmadeImage()
    try #require(contents.first).change(&image)
    let tree = try Ext4Reader(MemorySource(image.bytes)).tree()
    let id = try #require(tree.find("f"))
    guard case .file(let content)? = tree[id]?.body else { throw Fixture.Failed(description: "no file") }
    let expected = (24..<27).flatMap { [UInt8](repeating: UInt8($0), count: 1024) }.prefix(3000)
    #expect(try content.read() == Array(expected))
  }

  @Test func `take of a journal what was committed and not revoked`() throws {
    var image = HandmadeImage()
    func data(_ value: UInt8) -> [UInt8] { [UInt8](repeating: value, count: 1024) }
    // Escaped: the journal holds zeros where the block holds the magic number.
    let escaped = [0, 0, 0, 0] + [UInt8](repeating: 0xE0, count: 1020)
    image.setJournal(
      [
        Made.descriptor(.max, [24, 25]), data(0xA0), data(0xA1), Made.commit(.max),
        // Transaction 0 comes after the last number.
        Made.revocation(0, [25]), Made.descriptor(0, [26], flags: 3), escaped, Made.commit(0),
        Made.descriptor(1, [24]), data(0xB0),
      ], sequence: .max)
    let warnings = Mutex<[String]>([])
    let policy = ReadPolicy { text in warnings.withLock { $0.append(text) } }
    let tree = try Ext4Reader(MemorySource(image.bytes), policy: policy).tree()
    guard let id = tree.find("f"), case .file(let content)? = tree[id]?.body else {
      throw Fixture.Failed(description: "no file")
    }
    let bytes = try content.read()
    #expect(bytes[0] == 0xA0 && bytes[1024] == 25)
    #expect(Array(bytes[2048..<2056]) == [0xC0, 0x3B, 0x39, 0x98, 0xE0, 0xE0, 0xE0, 0xE0])
    #expect(warnings.withLock { $0 } == ["it was not unmounted: its journal was replayed in memory, 2 blocks"])
  }

  @Test func `warn of entries that contradict their inodes`() throws {
    var image = HandmadeImage()
    var entry = HandmadeImage.Entry("f", 12)
    entry.type = 2
    image.setRoot([entry, .init("a", 13)])
    image.setFolder(14, parent: 2, block: 23, [])
    let warnings = Mutex<[String]>([])
    let policy = ReadPolicy { text in warnings.withLock { $0.append(text) } }
    _ = try Ext4Reader(MemorySource(image.bytes), policy: policy).tree()
    #expect(
      warnings.withLock { $0 } == [
        "inode 2: an entry says that inode 12 is of type 2, but it is of type 1",
        "inode 14: `..` leads to inode 2, but the parent is inode 13",
      ])
  }
}
