import Bytes

/// A file system of half a MiB made byte by byte, so that any of its fields can be wrong: 512 blocks of 1 KiB, one group
/// of 64 inodes of 256 bytes, no checksums.
///
/// Unless it is changed it holds the file `f` (inode 12, three blocks), and the folders `a` (13) and `a/b` (14).
struct HandmadeImage {
  static let blockSize = 1024
  static let blockCount = 512
  static let file: UInt32 = 12
  static let folder: UInt32 = 13
  static let inner: UInt32 = 14

  var bytes = [UInt8](repeating: 0, count: blockCount * blockSize)
  /// Inodes from here on are free: 15 to 64.
  private var nextInode: UInt32 = 15
  /// Blocks before lie: 1 superblock, 2 descriptor, 3 and 4 bitmaps, 5 to 20 inodes, 21 root, 22 `a`, 23 `a/b`, 24 to 26 `f`.
  private var nextBlock = 27

  /// An entry of a folder.
  struct Entry {
    var name: [UInt8]
    var inode: UInt32
    var type: UInt8 = 0
    /// How many bytes it takes; as many as it needs if nil, and the last all that is left.
    var length: UInt16?

    init(_ name: String, _ inode: UInt32, length: UInt16? = nil) {
      self.init(Array(name.utf8), inode, length: length)
    }

    init(_ name: [UInt8], _ inode: UInt32, length: UInt16? = nil) {
      (self.name, self.inode, self.length) = (name, inode, length)
    }
  }

  init() {
    let words: [(Int, UInt32)] = [
      (0x00, 64), (0x04, UInt32(Self.blockCount)), (0x14, 1), (0x20, 8192), (0x24, 8192), (0x28, 64), (0x4C, 1),
      (0x54, 11), (0x5C, 0x28), (0x60, 0x42), (0x64, 0x43), (0x160, 1),
    ]
    for (offset, value) in words { setSuperblock(offset, value) }
    setSuperblock(0x38, UInt16(0xEF53))
    setSuperblock(0x3A, UInt16(1))
    setSuperblock(0x58, UInt16(256))
    setSuperblock(0x15E, UInt16(32))
    for (offset, block) in [(0, UInt32(3)), (4, 4), (8, 5)] { bytes.store(le: block, at: 2048 + offset) }
    setFolder(2, parent: 2, block: 21, [Entry("f", Self.file), Entry("a", Self.folder)])
    setFolder(Self.folder, parent: 2, block: 22, [Entry("b", Self.inner)])
    setFolder(Self.inner, parent: Self.folder, block: 23, [])
    setInode(Self.file, mode: 0o100644, size: 3000, root: Self.node(depth: 0, [(0, 3, 24)]))
    for block in 24..<27 { setBlock(block, [UInt8](repeating: UInt8(block), count: 1024)) }
  }

  /// Stores a field of the superblock.
  mutating func setSuperblock<Value: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, _ value: Value) {
    bytes.store(le: value, at: 1024 + offset)
  }

  /// Where inode `number` starts.
  func place(ofInode number: UInt32) -> Int { 5 * 1024 + (Int(number) - 1) * 256 }

  /// Stores a field of an inode.
  mutating func setInode<Value: FixedWidthInteger & BitwiseCopyable>(_ number: UInt32, _ offset: Int, _ value: Value) {
    bytes.store(le: value, at: place(ofInode: number) + offset)
  }

  /// Writes a whole inode, by default one with extents.
  mutating func setInode(
    _ number: UInt32, mode: UInt16, size: UInt64, links: UInt16 = 1, flags: UInt32 = 0x8_0000, root: [UInt8]
  ) {
    bytes.store([UInt8](repeating: 0, count: 256), at: place(ofInode: number))
    setInode(number, 0x00, mode)
    setInode(number, 0x04, UInt32(truncatingIfNeeded: size))
    setInode(number, 0x6C, UInt32(truncatingIfNeeded: size >> 32))
    setInode(number, 0x1A, links)
    setInode(number, 0x1C, UInt32(truncatingIfNeeded: size / 512 + 2))
    setInode(number, 0x20, flags)
    setInode(number, 0x80, UInt16(32))
    bytes.store(root, at: place(ofInode: number) + 40)
  }

  /// Writes a whole block, zeros after `content`.
  mutating func setBlock(_ number: Int, _ content: [UInt8]) {
    bytes.store(content + [UInt8](repeating: 0, count: 1024 - content.count), at: number * 1024)
  }

  /// Takes a free block for `content`.
  mutating func addBlock(_ content: [UInt8] = []) -> Int {
    nextBlock += 1
    setBlock(nextBlock - 1, content)
    return nextBlock - 1
  }

  /// Takes `count` free blocks that follow one another.
  mutating func addBlocks(_ count: Int) -> Int {
    nextBlock += count
    return nextBlock - count
  }

  /// Takes a free inode.
  mutating func addInode() -> UInt32 {
    nextInode += 1
    return nextInode - 1
  }

  /// Writes a folder of one block.
  mutating func setFolder(_ number: UInt32, parent: UInt32, block: Int, _ entries: [Entry]) {
    setInode(number, mode: 0o40755, size: 1024, links: 2, root: Self.node(depth: 0, [(0, 1, block)]))
    setBlock(block, Self.directory([Entry(".", number), Entry("..", parent)] + entries))
  }

  /// Writes the root's entries anew.
  mutating func setRoot(_ entries: [Entry]) { setFolder(2, parent: 2, block: 21, entries) }

  /// A node of an extent tree: (block of the file, count, block) in a leaf; above, the count says nothing.
  static func node(depth: UInt16, _ entries: [(UInt32, UInt16, Int)], limit: UInt16 = 4) -> [UInt8] {
    var node: [UInt8] = []
    for value in [0xF30A, UInt16(entries.count), limit, depth, 0, 0] { node.append(le: value) }
    for (logical, count, start) in entries {
      node.append(le: logical)
      if depth == 0 {
        node.append(le: count)
        node.append(le: UInt16(truncatingIfNeeded: start >> 32))
        node.append(le: UInt32(truncatingIfNeeded: start))
      } else {
        node.append(le: UInt32(truncatingIfNeeded: start))
        node.append(le: UInt32(truncatingIfNeeded: start >> 32))
      }
    }
    return node
  }

  /// A block full of entries.
  static func directory(_ entries: [Entry]) -> [UInt8] {
    var block: [UInt8] = []
    for (index, entry) in entries.enumerated() {
      let start = block.count
      let needed = (8 + entry.name.count).rounded(upTo: 4)
      let length = entry.length ?? UInt16(index == entries.count - 1 ? 1024 - start : needed)
      block.append(le: entry.inode)
      block.append(le: length)
      block.append(UInt8(entry.name.count))
      block.append(entry.type)
      block += entry.name
      block += [UInt8](repeating: 0, count: start + needed - block.count)
    }
    return block
  }

  /// Extended attributes in the inode itself, whose bytes are `area` after the magic number.
  mutating func setXattrs(of number: UInt32, _ area: [UInt8]) {
    setInode(number, 160, UInt32(0xEA02_0000))
    bytes.store(area, at: place(ofInode: number) + 164)
  }

  /// One entry of a list of extended attributes.
  static func xattr(
    _ name: String, index: UInt8 = 1, offset: UInt16, size: UInt32, inode: UInt32 = 0
  ) -> [UInt8] {
    var entry = [UInt8(name.utf8.count), index]
    entry.append(le: offset)
    for value in [inode, size, 0] { entry.append(le: value) }
    entry += Array(name.utf8)
    return entry + [UInt8](repeating: 0, count: (4 - entry.count % 4) % 4)
  }
}
