/// A whole file system as one value: its inodes, and their names in directories.
///
/// A copy shares everything with its original until it is edited, and then everything that was not touched. No tree
/// holds the contents of files, only where they are.
package struct FileTree: Sendable {
  /// Which file system's rules the tree follows.
  package enum Flavor: Sendable {
    /// Owners, modes, links and devices, as Linux file systems have them.
    case posix
    /// Files and folders only, with FAT's attributes.
    case fat
  }

  package let flavor: Flavor
  /// The root directory.
  package let root: InodeID
  /// Indexed by inode number; nil where there is no inode.
  private var table: [Inode?]

  /// A tree of one empty directory, `root`.
  package init(flavor: Flavor = .posix, root: InodeID = InodeID(2), inode: Inode) {
    self.flavor = flavor
    self.root = root
    table = []
    self[root] = inode
  }

  /// The inode of `id`; nil if the tree has none. Setting an inode whose `id` is new makes room for it.
  package subscript(id: InodeID) -> Inode? {
    get { Int(id.number) < table.count ? table[Int(id.number)] : nil }
    set {
      let index = Int(id.number)
      if index >= table.count { table.append(contentsOf: repeatElement(nil, count: index + 1 - table.count)) }
      table[index] = newValue
    }
    _modify {
      let index = Int(id.number)
      if index >= table.count { table.append(contentsOf: repeatElement(nil, count: index + 1 - table.count)) }
      yield &table[index]
    }
  }

  /// Makes room for inodes up to `id` at once.
  package mutating func reserve(upTo id: InodeID) {
    table.reserveCapacity(Int(id.number) + 1)
  }

  /// The numbers of all inodes, ascending.
  package var ids: [InodeID] {
    table.indices.filter { table[$0] != nil }.map { InodeID(UInt32($0)) }
  }

  /// Adds `inode` under the first number above all others; it has no name yet.
  ///
  /// Numbers below 12 are never given: ext4 keeps them for itself.
  package mutating func add(_ inode: Inode) -> InodeID {
    let id = InodeID(UInt32(max(table.count, 12)))
    self[id] = inode
    return id
  }

  /// The directory that `id` is; nil if it is not one.
  package func directory(_ id: InodeID) -> Directory? {
    if case .directory(let directory)? = self[id]?.body { directory } else { nil }
  }

  /// How many names each inode has, as stat(2) tells it: for a directory two, and one for each folder in it.
  ///
  /// The array is indexed by inode number; zero where no name leads.
  package func linkCounts() -> [UInt32] {
    var counts = [UInt32](repeating: 0, count: table.count)
    for (number, inode) in table.enumerated() {
      guard case .directory(let directory)? = inode?.body else { continue }
      counts[number] += 2
      for index in directory.indices {
        let child = directory.id(at: index)
        if self.directory(child) != nil { counts[number] += 1 } else { counts[Int(child.number)] += 1 }
      }
    }
    return counts
  }
}
