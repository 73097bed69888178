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
  /// The link counts that the disk states, for a tree that was read in part: counting the names that were read would be too few.
  package var statedLinkCounts: [InodeID: UInt32] = [:]
  /// Inodes by number, `pageSize` to a page; a page without any is empty. Numbers can be far apart, and a copy that
  /// is edited copies one page.
  private var pages: [[Inode?]] = []
  /// One more than the highest number that ever was.
  fileprivate var end = 0
  /// How many names those have that are no directories and have several; nil where that would have to be counted. Edits
  /// keep it: thousands of them in a row must not each count the whole tree.
  var severalNames: [InodeID: UInt32]?
  /// Which directories name each inode; nil where that would have to be looked up, as after any edit of a directory's entries.
  var nameIndex: NameIndex?

  /// An edit makes a whole page look changed: smaller ones leave less to compare, larger ones are fewer to copy.
  private static let pageSize = 128

  /// A tree of one empty directory, `root`.
  package init(flavor: Flavor = .posix, root: InodeID = InodeID(2), inode: Inode) {
    self.flavor = flavor
    self.root = root
    self[root] = inode
  }

  /// The inode of `id`; nil if the tree has none. Setting an inode whose `id` is new makes room for it.
  package subscript(id: InodeID) -> Inode? {
    get {
      let (page, slot) = Int(id.number).quotientAndRemainder(dividingBy: Self.pageSize)
      return page < pages.count && !pages[page].isEmpty ? pages[page][slot] : nil
    }
    _modify {
      let (page, slot) = Int(id.number).quotientAndRemainder(dividingBy: Self.pageSize)
      end = max(end, Int(id.number) + 1)
      if page >= pages.count { pages.append(contentsOf: repeatElement([], count: page + 1 - pages.count)) }
      if pages[page].isEmpty { pages[page] = [Inode?](repeating: nil, count: Self.pageSize) }
      let knowsNames = severalNames != nil || nameIndex != nil
      let before = knowsNames ? pages[page][slot] : nil
      yield &pages[page][slot]
      if knowsNames, !pages[page][slot].hasSameNames(as: before) { (severalNames, nameIndex) = (nil, nil) }
    }
  }

  /// Makes room for inodes up to `id` at once.
  package mutating func reserve(upTo id: InodeID) {
    pages.reserveCapacity(Int(id.number) / Self.pageSize + 1)
  }

  /// The numbers of all inodes, ascending.
  package var ids: [InodeID] {
    var ids: [InodeID] = []
    for (page, inodes) in pages.enumerated() {
      for slot in inodes.indices where inodes[slot] != nil {
        ids.append(InodeID(UInt32(page * Self.pageSize + slot)))
      }
    }
    return ids
  }

  /// The numbers, ascending, of all inodes that differ from those of `base`, or that only one of the two trees has. A directory
  /// also differs if only its entries do.
  ///
  /// Pages that both share, as those of a copy are that were not edited, are alike without being looked at.
  func ids(differingFrom base: FileTree) -> [InodeID] {
    var ids: [InodeID] = []
    for page in 0..<max(pages.count, base.pages.count) {
      let new = page < pages.count ? pages[page] : []
      let old = page < base.pages.count ? base.pages[page] : []
      if new.isSameMemory(as: old) { continue }
      for slot in 0..<Self.pageSize {
        let isSame =
          switch (new.isEmpty ? nil : new[slot], old.isEmpty ? nil : old[slot]) {
          case (let inode?, let other?): inode.isSame(as: other) && inode.hasSameEntries(as: other)
          case (nil, nil): true
          default: false
          }
        if !isSame { ids.append(InodeID(UInt32(page * Self.pageSize + slot))) }
      }
    }
    return ids
  }

  /// Adds `inode` under the first number above all others; it has no name yet.
  ///
  /// Numbers below 12 are never given: ext4 keeps them for itself.
  package mutating func add(_ inode: Inode) -> InodeID {
    let id = InodeID(UInt32(max(end, 12)))
    self[id] = inode
    return id
  }

  /// Whether the tree has an inode `id`.
  package func contains(_ id: InodeID) -> Bool {
    let (page, slot) = Int(id.number).quotientAndRemainder(dividingBy: Self.pageSize)
    return page < pages.count && !pages[page].isEmpty && pages[page][slot] != nil
  }

  /// Whether `id` is a directory.
  package func isDirectory(_ id: InodeID) -> Bool {
    let (page, slot) = Int(id.number).quotientAndRemainder(dividingBy: Self.pageSize)
    return page < pages.count && !pages[page].isEmpty && pages[page][slot].isDirectory
  }

  /// The directory that `id` is; nil if it is not one.
  package func directory(_ id: InodeID) -> Directory? {
    if case .directory(let directory)? = self[id]?.body { directory } else { nil }
  }

  /// How many names each inode has, as stat(2) tells it: for a directory two, and one for each folder in it. Counted, but where
  /// `statedLinkCounts` says it.
  ///
  /// The count is zero where no name leads.
  package func linkCounts() -> InodeMap<UInt32> {
    var counts = InodeMap<UInt32>(absent: 0)
    visitDirectories { id, directory in
      counts[id] += 2
      for index in directory.indices {
        let child = directory.id(at: index)
        // The writer of the tree reports a name that leads nowhere.
        guard Int(child.number) < end else { continue }
        counts[isDirectory(child) ? id : child] += 1
      }
    }
    for (id, count) in statedLinkCounts { counts[id] = count }
    return counts
  }

  /// Calls `visit` with every directory, ascending by number.
  fileprivate func visitDirectories(_ visit: (InodeID, Directory) -> Void) {
    for (page, inodes) in pages.enumerated() {
      for slot in inodes.indices {
        guard case .directory(let directory)? = inodes[slot]?.body else { continue }
        visit(InodeID(UInt32(page * Self.pageSize + slot)), directory)
      }
    }
  }
}

extension NameIndex {
  /// The index of all of `tree`.
  init(of tree: FileTree) {
    self.init(end: tree.end) { tree.visitDirectories($0) }
  }
}

extension [Inode?] {
  /// Whether both are the very same memory, or both are empty.
  fileprivate func isSameMemory(as other: [Inode?]) -> Bool {
    if isEmpty || other.isEmpty { return isEmpty == other.isEmpty }
    return unsafe withUnsafeBufferPointer { mine in
      unsafe other.withUnsafeBufferPointer { unsafe mine.baseAddress == $0.baseAddress }
    }
  }
}

extension Inode? {
  fileprivate var isDirectory: Bool { self?.body.isDirectory ?? false }

  /// Whether both hold the same names, as do nothing and a directory without entries.
  fileprivate func hasSameNames(as other: Inode?) -> Bool {
    guard let inode = self ?? other else { return true }
    if let inode = self, let other { return inode.hasSameEntries(as: other) }
    guard case .directory(let directory) = inode.body else { return true }
    return directory.isEmpty
  }
}
