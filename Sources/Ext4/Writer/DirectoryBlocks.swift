import Bytes

/// One name in a directory, as the disk holds it.
struct DirectoryEntry {
  var number: UInt32
  var type: EntryType
  var name: ArraySlice<UInt8>

  /// The bytes that it takes at least.
  var size: Int { Self.size(ofName: name.count) }

  static func size(ofName count: Int) -> Int { (8 + count).rounded(upTo: 4) }
}

/// The blocks of one directory being written, each with its checksum.
struct DirectoryBlocks {
  /// The last bytes of a block are a tail that holds its checksum and looks like an unused entry.
  static let tailSize = 12
  /// The bytes for entries.
  static let capacity = GroupGeometry.blockSize - tailSize

  /// The blocks so far.
  private(set) var bytes: [UInt8] = []
  /// What their checksums continue from.
  let seed: UInt32

  /// No blocks yet, of the inode whose checksums continue from `seed`.
  init(seed: UInt32) { self.seed = seed }

  /// The number of blocks so far.
  var count: Int { bytes.count / GroupGeometry.blockSize }

  /// Appends a block of `entries`, which fit; the last one takes the rest of the room.
  mutating func appendLeaf(_ entries: some Collection<DirectoryEntry>) {
    var place = appendBlock()
    let end = place + Self.capacity
    var last = place
    for entry in entries {
      last = place
      store(entry, size: entry.size, at: place)
      place += entry.size
    }
    // Without entries this makes one unused entry of the whole block.
    bytes.store(le: UInt16(end - last), at: last + 4)
    bytes.store(le: UInt16(Self.tailSize), at: end + 4)
    bytes[end + 7] = Magic.directoryTail
    let checksum = MetadataChecksums.directoryLeaf(
      bytes.span.extracting(end - Self.capacity..<end + Self.tailSize), seed: seed)
    bytes.store(le: checksum, at: end + 8)
  }

  /// Appends a node of a hash tree.
  ///
  /// - Parameters:
  ///   - header: what comes before the node's limit, count and entries.
  ///   - entries: the first hash of each child, and the child's block within the directory. The first child's hash
  ///     is not stored.
  mutating func appendNode(header: [UInt8], entries: some Collection<HashTree.Entry>) {
    let start = appendBlock()
    bytes.store(header, at: start)
    var place = start + header.count
    let limit = HashTree.limit(afterHeader: header.count)
    let tail = place + limit * HashTree.entrySize
    for entry in entries {
      bytes.store(le: entry.hash, at: place)
      bytes.store(le: entry.block, at: place + 4)
      place += HashTree.entrySize
    }
    // The first entry has the limit and the count in the place of its hash.
    bytes.store(le: UInt16(limit), at: start + header.count)
    bytes.store(le: UInt16(entries.count), at: start + header.count + 2)
    let checksum = MetadataChecksums.htreeNode(
      bytes.span.extracting(start..<start + GroupGeometry.blockSize), entriesEnd: place - start, tail: tail - start,
      seed: seed)
    bytes.store(le: checksum, at: tail + 4)
  }

  private mutating func appendBlock() -> Int {
    let start = bytes.count
    bytes.append(contentsOf: repeatElement(0, count: GroupGeometry.blockSize))
    return start
  }

  private mutating func store(_ entry: DirectoryEntry, size: Int, at place: Int) {
    bytes.store(le: entry.number, at: place)
    bytes.store(le: UInt16(size), at: place + 4)
    bytes[place + 6] = UInt8(entry.name.count)
    bytes[place + 7] = entry.type.rawValue
    bytes.store(entry.name, at: place + 8)
  }
}

/// The one block of a small directory, without the zeros that fill most of it: a tree may have a hundred thousand.
struct DirectoryLeaf {
  /// What the block begins with: the names.
  let head: [UInt8]
  /// What it ends with: the tail with the checksum.
  let tail: [UInt8]

  /// The leaf of one block's bytes.
  init(_ block: [UInt8]) {
    let names = block.dropLast(DirectoryBlocks.tailSize)
    head = Array(names[..<(names.lastIndex { $0 != 0 }.map { $0 + 1 } ?? 0)])
    tail = Array(block[names.endIndex...])
  }

  /// All bytes of the block.
  var bytes: [UInt8] {
    var bytes = [UInt8](repeating: 0, count: GroupGeometry.blockSize)
    bytes.store(head, at: 0)
    bytes.store(tail, at: bytes.count - tail.count)
    return bytes
  }
}

/// The content of a directory.
struct DirectoryContent {
  let bytes: [UInt8]
  /// Whether the inode needs EXT4_INDEX_FL.
  let isIndexed: Bool

  /// One block where that is enough, else a hash tree.
  ///
  /// - Parameters:
  ///   - dots: `.` and `..`.
  ///   - baseEntries: those of the directory whose shape this one takes over if it can; nil without one.
  ///   - leastBlocks: how many blocks there are, empty ones at the end, if the entries need only one.
  /// - Throws: `Unholdable` for more entries than two levels of index reach.
  init(
    dots: [DirectoryEntry], entries: [DirectoryEntry], baseEntries: [DirectoryEntry]?, leastBlocks: Int,
    hashSeed: DirectoryHash.Seed, seed: UInt32
  ) throws(Unholdable) {
    var blocks = DirectoryBlocks(seed: seed)
    var tree: HashTree?
    if let baseEntries, Self.needsIndex(dots + baseEntries) {
      tree = HashTree(entries, hashSeed: hashSeed, leavesOf: HashTree(baseEntries, hashSeed: hashSeed))
    }
    if tree == nil && Self.needsIndex(dots + entries) { tree = HashTree(entries, hashSeed: hashSeed) }
    if let tree {
      try tree.append(to: &blocks, dots: dots)
    } else {
      blocks.appendLeaf(dots + entries)
      while blocks.count < leastBlocks { blocks.appendLeaf([]) }
    }
    isIndexed = tree != nil
    bytes = blocks.bytes
  }

  private static func needsIndex(_ entries: [DirectoryEntry]) -> Bool {
    entries.reduce(0) { $0 + $1.size } > DirectoryBlocks.capacity
  }
}
