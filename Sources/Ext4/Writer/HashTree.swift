import Bytes

/// The index of a large directory (htree): its entries in the order of their hashes, in leaves, under one or two levels of
/// nodes (fs/ext4/namei.c; "Hash Tree Directories" in Documentation/filesystems/ext4/directory.rst).
///
/// Each leaf is an ordinary directory block. A node lists its children, each with the hash at which the child's range starts,
/// so that a lookup hashes the name, and goes down by binary search to one leaf, which it reads from end to end:
///
///     block 0, the root   . and ..  │ (none) → 1 │ 4a3e0000 → 2 │ 9c10f2d8 → 3
///     block 1, a leaf     names whose hashes lie below 4a3e0000
///     block 2, a leaf     names from 4a3e0000 on
///     block 3, a leaf     names from 9c10f2d8 on
///
/// The first child has no hash: in its place stand the node's limit and count. Hashes are even. Where names of one hash do
/// not fit in one leaf, the next leaf has the same hash plus one, which tells a lookup to read on. To readers that know no
/// htree the root holds `.` and a `..` that reaches to the end of the block, and any other node one unused entry.
struct HashTree {
  /// A child of a node.
  struct Entry {
    /// The first hash of the child.
    var hash: UInt32
    /// The child's block within the directory.
    var block: UInt32
  }

  static let entrySize = 8
  /// What the root has room for after its two entries of 12 bytes and the 8 of `dx_root_info`.
  private static let rootLimit = limit(afterHeader: 32)
  /// What any other node has room for after an unused entry.
  private static let innerLimit = limit(afterHeader: 8)
  /// How full leaves are, so that a name more does not split one: what `e2fsck -D` leaves free.
  private static let filling = DirectoryBlocks.capacity * 8 / 10

  /// Sorted by hash.
  private let entries: [DirectoryEntry]
  private let leaves: [Leaf]

  private struct Leaf {
    var hash: UInt32
    var entries: Range<Int>

    /// Whether names of its first hash begin in the leaf before.
    var continues: Bool { hash & 1 == 1 }
  }

  /// The tree of `entries`, at least one.
  init(_ entries: [DirectoryEntry], hashSeed: DirectoryHash.Seed) {
    var hashed = entries.indices.map { (hash: DirectoryHash(entries[$0].name, seed: hashSeed), index: $0) }
    hashed.sort { ($0.hash, $0.index) < ($1.hash, $1.index) }
    self.entries = hashed.map { entries[$0.index] }

    var leaves: [Leaf] = []
    var start = 0
    var size = 0
    for (index, entry) in self.entries.enumerated() {
      if size + entry.size > Self.filling {
        leaves.append(Leaf(hash: hashed[start].hash.major, entries: start..<index))
        start = index
        size = 0
      }
      size += entry.size
    }
    leaves.append(Leaf(hash: hashed[start].hash.major, entries: start..<hashed.count))
    // Bit 0 says that names of this hash begin in the leaf before.
    for (index, leaf) in leaves.enumerated().dropFirst()
    where hashed[leaf.entries.lowerBound - 1].hash.major == leaf.hash {
      leaves[index].hash |= 1
    }
    self.leaves = leaves
  }

  /// The tree of `entries` in the leaves of `base`, so that few of them differ from its own; nil if that cannot be: where
  /// a leaf has no room, or names of one hash lie on both sides of a border.
  init?(_ entries: [DirectoryEntry], hashSeed: DirectoryHash.Seed, leavesOf base: HashTree) {
    var hashed = entries.indices.map { (hash: DirectoryHash(entries[$0].name, seed: hashSeed), index: $0) }
    hashed.sort { ($0.hash, $0.index) < ($1.hash, $1.index) }
    self.entries = hashed.map { entries[$0.index] }

    var leaves: [Leaf] = []
    var start = 0
    for (index, leaf) in base.leaves.enumerated() {
      guard !leaf.continues else { return nil }
      let next = index + 1 < base.leaves.count ? base.leaves[index + 1].hash : .max
      var end = start
      var size = 0
      while end < hashed.count && hashed[end].hash.major < next {
        size += self.entries[end].size
        end += 1
      }
      guard size <= DirectoryBlocks.capacity else { return nil }
      leaves.append(Leaf(hash: leaf.hash, entries: start..<end))
      start = end
    }
    self.leaves = leaves
  }

  /// The entries that a node has room for, beside its checksum.
  static func limit(afterHeader header: Int) -> Int { (GroupGeometry.blockSize - header) / entrySize - 1 }

  /// The nodes between the root and so many leaves: none if the root has room for all; nil if one level of nodes is
  /// not enough.
  static func innerNodes(leaves: Int) -> Int? {
    if leaves <= rootLimit { return 0 }
    let nodes = leaves.dividedRoundingUp(by: innerLimit)
    return nodes <= rootLimit ? nodes : nil
  }

  /// Appends the whole directory: the root, the nodes between, the leaves.
  ///
  /// - Throws: `Unholdable` if the leaves are more than two levels reach.
  func append(to blocks: inout DirectoryBlocks, dots: [DirectoryEntry]) throws(Unholdable) {
    guard let innerCount = Self.innerNodes(leaves: leaves.count) else {
      throw Unholdable(what: "\(entries.count) names are more than a directory holds without the feature large_dir")
    }
    let children = leaves.enumerated().map { Entry(hash: $1.hash, block: UInt32(1 + innerCount + $0)) }
    let parts = stride(from: 0, to: children.count, by: Self.innerLimit).map {
      children[$0..<min($0 + Self.innerLimit, children.count)]
    }
    if innerCount == 0 {
      blocks.appendNode(header: Self.root(dots, levels: 0), entries: children)
    } else {
      let top = parts.indices.map { Entry(hash: leaves[$0 * Self.innerLimit].hash, block: UInt32(1 + $0)) }
      blocks.appendNode(header: Self.root(dots, levels: 1), entries: top)
      for part in parts { blocks.appendNode(header: Self.inner, entries: part) }
    }
    for leaf in leaves { blocks.appendLeaf(entries[leaf.entries]) }
  }

  /// What the root has before its limit: `.` and `..` as in any directory, the second reaching to the block's end, and
  /// `dx_root_info`.
  private static func root(_ dots: [DirectoryEntry], levels: UInt8) -> [UInt8] {
    var header: [UInt8] = []
    for (dot, size) in zip(dots, [12, GroupGeometry.blockSize - 12]) {
      header.append(le: dot.number)
      header.append(le: UInt16(size))
      header += [UInt8(dot.name.count), dot.type.rawValue]
      header += dot.name
      header.append(contentsOf: repeatElement(0, count: 4 - dot.name.count))
    }
    header.append(le: UInt32(0))
    // DX_HASH_HALF_MD4 whichever way bytes are signed, the size of this information, levels below, flags.
    return header + [1, 8, levels, 0]
  }

  /// What any other node has before its limit: an unused entry that reaches to the block's end.
  private static let inner: [UInt8] = {
    var header: [UInt8] = []
    header.append(le: UInt32(0))
    header.append(le: UInt16(GroupGeometry.blockSize))
    return header + [0, 0]
  }()
}
