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
  /// Inodes by number, `pageSize` to a page; a page without any is empty. Numbers can be far apart, and a copy that
  /// is edited copies one page.
  private var pages: [[Inode?]] = []
  /// One more than the highest number that ever was.
  private var end = 0
  /// How many names those have that are no directories and have several; nil where that would have to be counted. Edits
  /// keep it: thousands of them in a row must not each count the whole tree.
  var severalNames: [InodeID: UInt32]?

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
      let hadNames = severalNames != nil && pages[page][slot].isDirectory
      yield &pages[page][slot]
      if severalNames != nil, hadNames || pages[page][slot].isDirectory { severalNames = nil }
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

  /// Which inodes are the very memory that `other` has, as those of a copy are that were not edited.
  package func inodesShared(with other: FileTree) -> SharedInodes {
    SharedInodes(
      pageSize: Self.pageSize,
      pages: zip(pages, other.pages).map { mine, others in
        unsafe mine.withUnsafeBufferPointer { mine in
          unsafe others.withUnsafeBufferPointer { unsafe !mine.isEmpty && mine.baseAddress == $0.baseAddress }
        }
      })
  }

  /// Adds `inode` under the first number above all others; it has no name yet.
  ///
  /// Numbers below 12 are never given: ext4 keeps them for itself.
  package mutating func add(_ inode: Inode) -> InodeID {
    let id = InodeID(UInt32(max(end, 12)))
    self[id] = inode
    return id
  }

  /// Whether the inode of `id` is the same as in `other` because both still share it; false says nothing.
  ///
  /// This asks no inode: it costs the same whatever `id` is, and is true of nearly all inodes of an edited copy.
  package func shares(_ id: InodeID, with other: FileTree) -> Bool {
    let page = Int(id.number) / Self.pageSize
    guard page < pages.count, page < other.pages.count else { return false }
    let here = unsafe pages[page].withUnsafeBufferPointer { $0.baseAddress }
    let there = unsafe other.pages[page].withUnsafeBufferPointer { $0.baseAddress }
    return unsafe here == there
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

  /// How many names each inode has, as stat(2) tells it: for a directory two, and one for each folder in it.
  ///
  /// The array is indexed by inode number; zero where no name leads.
  package func linkCounts() -> [UInt32] {
    var counts = [UInt32](repeating: 0, count: end)
    var directories: [(number: Int, directory: Directory)] = []
    var isDirectory = [Bool](repeating: false, count: end)
    for (page, inodes) in pages.enumerated() {
      for slot in inodes.indices where inodes[slot].isDirectory {
        guard case .directory(let directory)? = inodes[slot]?.body else { continue }
        let number = page * Self.pageSize + slot
        directories.append((number, directory))
        isDirectory[number] = true
      }
    }
    for (number, directory) in directories {
      counts[number] += 2
      for index in directory.indices {
        let child = Int(directory.id(at: index).number)
        counts[isDirectory[child] ? number : child] += 1
      }
    }
    return counts
  }
}

extension Inode? {
  fileprivate var isDirectory: Bool { if case .directory? = self?.body { true } else { false } }
}
