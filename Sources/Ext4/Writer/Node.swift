import Bytes
import FileTree
import Storage

/// One inode to be written, with all but the places of its blocks.
struct Node {
  var number: UInt32
  var record: InodeRecord
  var payload: Payload
  var xattrs = XattrArea()

  /// What an inode holds beside its record.
  enum Payload {
    case none
    /// In i_block itself: a short symbolic link's target, a device's number.
    case field([UInt8])
    /// In blocks, which may be more than the bytes fill.
    case bytes([UInt8], blocks: Int)
    /// In one block: the names of a small directory.
    case leaf(DirectoryLeaf)
    /// In blocks, of which these are not holes: ascending, apart from each other.
    case file(FileContent, blocks: [Range<Int>])

    /// Whether the inode maps blocks by extents, if it maps any.
    var usesExtents: Bool {
      switch self {
      case .none, .field: false
      case .bytes, .leaf, .file: true
      }
    }

    /// What is held as bytes, and in how many blocks; nil for other payloads.
    var ownBytes: (bytes: [UInt8], blocks: Int)? {
      switch self {
      case .none, .field, .file: nil
      case .bytes(let bytes, let blocks): (bytes, blocks)
      case .leaf(let leaf): (leaf.bytes, 1)
      }
    }
  }
}

/// Makes the nodes of a tree's inodes.
struct NodeMaker {
  private let tree: FileTree
  private let facts: InodeFacts
  private let options: Ext4Options
  private let checksums: MetadataChecksums
  private let hashSeed: DirectoryHash.Seed

  /// The most that fits in i_block, with a NUL after it (ext4_inode_is_fast_symlink).
  private static let longestShortLink = InodeRecord.blockFieldSize - 1
  /// The blocks that mke2fs gives lost+found, so that e2fsck need not find any.
  private static let lostAndFoundBlocks = 4
  /// So many nodes a thread makes at a time.
  private static let portion = 1024

  init(_ tree: FileTree, facts: InodeFacts, options: Ext4Options) {
    self.tree = tree
    self.facts = facts
    self.options = options
    checksums = options.checksums
    hashSeed = DirectoryHash.Seed(options.hashSeed)
  }

  /// The nodes of `entries`, in their order.
  ///
  /// - Throws: `NodeProblem` for the first one that ext4 cannot hold.
  func nodes(_ entries: [NamedInodes.Entry]) throws(NodeProblem) -> [Node] {
    let portions = entries.count.dividedRoundingUp(by: Self.portion)
    return try parallelMap(portions) { (portion) throws(NodeProblem) in
      let start = portion * Self.portion
      return try entries[start..<min(start + Self.portion, entries.count)].map { (entry) throws(NodeProblem) in
        try node(entry)
      }
    }.flatMap(\.self)
  }

  /// The node of one entry.
  ///
  /// - Parameter base: if it is a directory, the names of the one whose shape it takes over if it can.
  /// - Throws: `NodeProblem` if ext4 cannot hold it.
  func node(_ entry: NamedInodes.Entry, base: [DirectoryEntry]? = nil) throws(NodeProblem) -> Node {
    guard let inode = tree[entry.id] else { preconditionFailure("NamedInodes lists only inodes that the tree has") }
    do {
      return try node(inode, entry, base: base)
    } catch {
      throw NodeProblem(id: entry.id, what: error.what)
    }
  }

  /// The names of the directory `id`, sorted.
  func entries(of id: InodeID) -> [DirectoryEntry] {
    guard let directory = tree.directory(id) else { return [] }
    var entries: [DirectoryEntry] = []
    entries.reserveCapacity(directory.count)
    for index in 0..<directory.count {
      let id = directory.id(at: index)
      entries.append(
        DirectoryEntry(number: facts.number(of: id), type: facts.type(of: id), name: directory.name(at: index)))
    }
    return entries
  }

  private func node(
    _ inode: Inode, _ entry: NamedInodes.Entry, base: [DirectoryEntry]?
  ) throws(Unholdable) -> Node {
    var layout: InodeLayoutFlags = []
    let (payload, size) = try content(inode, entry, base: base, &layout)
    if payload.usesExtents { layout.insert(.extents) }
    let record = try InodeRecord(
      inode, size: size, links: facts.links(of: entry.id), layout: layout, birth: options.timestamp)
    return Node(number: entry.number, record: record, payload: payload, xattrs: try XattrArea(inode.xattrs))
  }

  private func content(
    _ inode: Inode, _ entry: NamedInodes.Entry, base: [DirectoryEntry]?, _ layout: inout InodeLayoutFlags
  ) throws(Unholdable) -> (Node.Payload, size: Int) {
    switch inode.body {
    case .directory:
      let content = try directoryContent(entry, base: base)
      if content.isIndexed { layout.insert(.htree) }
      let blocks = content.bytes.count / GroupGeometry.blockSize
      return (
        blocks == 1 ? .leaf(DirectoryLeaf(content.bytes)) : .bytes(content.bytes, blocks: blocks), content.bytes.count
      )
    case .file(let content):
      return (.file(content, blocks: try Self.blocks(of: content)), content.size)
    case .symlink(let target):
      guard (1..<GroupGeometry.blockSize).contains(target.count), !target.contains(0) else {
        throw Unholdable(what: "a symbolic link of \(target.count) bytes is not what ext4 holds")
      }
      return (target.count <= Self.longestShortLink ? .field(target) : .bytes(target, blocks: 1), target.count)
    case .characterDevice(let device), .blockDevice(let device):
      return (.field(try Self.field(of: device)), 0)
    case .fifo, .socket:
      return (.none, 0)
    }
  }

  private func directoryContent(
    _ entry: NamedInodes.Entry, base: [DirectoryEntry]?
  ) throws(Unholdable) -> DirectoryContent {
    let dots = [
      DirectoryEntry(number: entry.number, type: .directory, name: [0x2E]),
      DirectoryEntry(number: facts.parent(of: entry.id), type: .directory, name: [0x2E, 0x2E]),
    ]
    return try DirectoryContent(
      dots: dots, entries: entries(of: entry.id), baseEntries: base,
      leastBlocks: entry.number == ReservedInode.first ? Self.lostAndFoundBlocks : 1,
      hashSeed: hashSeed, seed: checksums.inodeSeed(number: entry.number, generation: 0))
  }

  /// The blocks of a file that hold data; extents of bytes grow to whole blocks, and may share one.
  private static func blocks(of content: FileContent) throws(Unholdable) -> [Range<Int>] {
    let mostBytes = GroupGeometry.mostBlocks * GroupGeometry.blockSize
    guard content.size <= mostBytes else {
      throw Unholdable(what: "\(content.size) bytes are more than ext4 holds in one file, \(mostBytes)")
    }
    var blocks: [Range<Int>] = []
    var count = 0
    for extent in content.extents where extent.count > 0 {
      let start = extent.offset / GroupGeometry.blockSize
      let end = (extent.offset + extent.count).dividedRoundingUp(by: GroupGeometry.blockSize)
      if let last = blocks.last, start <= last.upperBound {
        count += end - last.upperBound
        blocks[blocks.count - 1] = last.lowerBound..<end
      } else {
        count += end - start
        blocks.append(start..<end)
      }
    }
    // i_blocks has 32 bits of 512 bytes each without RO_COMPAT huge_file; the extents' own blocks count too.
    guard count < (1 << 29) - (1 << 24) else {
      throw Unholdable(what: "\(count) blocks of data are more than ext4 counts without the feature huge_file")
    }
    return blocks
  }

  /// i_block of a device (new_encode_dev and old_encode_dev, linux/kdev_t.h).
  private static func field(of device: DeviceNumber) throws(Unholdable) -> [UInt8] {
    let (major, minor) = (device.major, device.minor)
    guard major < 1 << 12, minor < 1 << 20 else {
      throw Unholdable(what: "the device number \(major):\(minor) is more than Linux has")
    }
    var field: [UInt8] = []
    if major < 256 && minor < 256 {
      field.append(le: major << 8 | minor)
    } else {
      field.append(le: UInt32(0))
      field.append(le: minor & 0xFF | major << 8 | (minor & ~0xFF) << 12)
    }
    return field
  }
}
