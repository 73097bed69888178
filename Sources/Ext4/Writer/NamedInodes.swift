import FileTree

/// What keeps an inode of a tree off the disk, before its path is known: to look that up costs a walk.
struct NodeProblem: Error {
  /// Whether the tree contradicts itself; else it asks for more than ext4 holds.
  var isContradiction = false
  var id: InodeID
  var what: String
}

/// The inodes that a name leads to, with what names alone tell: numbers on the disk, parents and link counts.
struct NamedInodes {
  /// One inode of a tree and its number on the disk.
  struct Entry {
    var id: InodeID
    var number: UInt32
  }

  /// Ascending by number.
  let entries: [Entry]
  private var facts = InodeFacts()

  /// The inodes of `tree`; those that it has in common with the tree of `base` get the same numbers.
  ///
  /// - Throws: `NodeProblem` if a name leads nowhere, two lead to one directory, or lost+found is a file.
  init(_ tree: FileTree, base: NamedInodes? = nil) throws(NodeProblem) {
    let ids = tree.ids
    for id in ids { facts[id].type = tree[id]?.body.ext4Type }
    try facts.walk(tree)
    let named = ids.filter { [facts] in facts[$0].links > 0 }
    let lost = tree.directory(tree.root)?[.lostAndFound]
    if let lost, facts[lost].type != .directory {
      throw NodeProblem(id: lost, what: "ext4 needs a directory of this name")
    }
    let numbers = base.map { Numbers(of: $0) } ?? Numbers(of: named)
    entries = numbers.entries(of: named, root: tree.root, lostAndFound: lost)
    for entry in entries { facts[entry.id].number = entry.number }
  }

  /// The number on the disk of the inode `id`, which a name leads to.
  func number(of id: InodeID) -> UInt32 { facts[id].number }
  /// The type of the inode `id` as directory entries tell it.
  func type(of id: InodeID) -> UInt8 { facts[id].type?.entryType ?? 0 }
  /// The names that lead to `id`, for a directory `.` and its folders' `..` among them.
  func links(of id: InodeID) -> UInt32 { facts[id].links }
  /// The number on the disk of the directory that holds the directory `id`; the root holds itself.
  func parent(of id: InodeID) -> UInt32 { facts[facts[id].parent].number }

  /// The number that is kept for the inode `id` in trees made from this one; nil where its role gave it its number, or
  /// no name leads to it.
  fileprivate func keptNumber(of id: InodeID) -> UInt32? {
    let fact = facts[id]
    return fact.links > 0 && fact.number > ReservedInode.first ? fact.number : nil
  }
}

/// Which inode gets which number.
private struct Numbers {
  /// The number that an inode keeps, if it does.
  private let kept: (InodeID) -> UInt32?
  /// The first of those that the others get.
  private let next: UInt32

  /// Numbers of the tree itself. Numbers that are far apart, as in a large file system with few files, are not kept: the
  /// tables would be mostly empty.
  init(of named: [InodeID]) {
    let highest = named.last?.number ?? 0
    let keeps = Int(highest) <= 4 * named.count + 65536
    kept = { keeps && $0.number > ReservedInode.first ? $0.number : nil }
    next = (keeps ? max(highest, ReservedInode.first) : ReservedInode.first) + 1
  }

  /// Numbers that `base` has, and new ones behind all of them.
  init(of base: NamedInodes) {
    kept = { base.keptNumber(of: $0) }
    next = max(base.entries.last?.number ?? 0, ReservedInode.first) + 1
  }

  /// The numbers of `named`, which ascend.
  func entries(of named: [InodeID], root: InodeID, lostAndFound: InodeID?) -> [NamedInodes.Entry] {
    var next = next
    var entries: [NamedInodes.Entry] = []
    entries.reserveCapacity(named.count)
    for id in named {
      if id == root {
        entries.append(NamedInodes.Entry(id: id, number: ReservedInode.root))
      } else if id == lostAndFound {
        entries.append(NamedInodes.Entry(id: id, number: ReservedInode.first))
      } else if let number = kept(id) {
        entries.append(NamedInodes.Entry(id: id, number: number))
      } else {
        entries.append(NamedInodes.Entry(id: id, number: next))
        next += 1
      }
    }
    return entries.sorted { $0.number < $1.number }
  }
}

extension Name {
  /// `lost+found`, where e2fsck puts what has lost its name.
  static var lostAndFound: Name {
    guard let name = Name("lost+found".utf8) else { preconditionFailure("a name") }
    return name
  }
}

/// What is known of each inode, by the tree's numbers, which may be far apart.
private struct InodeFacts {
  struct Facts {
    /// nil where there is no inode.
    var type: InodeType?
    var number: UInt32 = 0
    /// Zero where no name leads.
    var links: UInt32 = 0
    /// The directory that holds a directory; the root holds itself.
    var parent = InodeID(0)
  }

  private var pages: [[Facts]] = []
  private static let pageSize = 256

  subscript(id: InodeID) -> Facts {
    get {
      let (page, slot) = Int(id.number).quotientAndRemainder(dividingBy: Self.pageSize)
      return page < pages.count && !pages[page].isEmpty ? pages[page][slot] : Facts()
    }
    _modify {
      let (page, slot) = Int(id.number).quotientAndRemainder(dividingBy: Self.pageSize)
      if page >= pages.count { pages.append(contentsOf: repeatElement([], count: page + 1 - pages.count)) }
      if pages[page].isEmpty { pages[page] = Array(repeating: Facts(), count: Self.pageSize) }
      yield &pages[page][slot]
    }
  }

  /// Follows every name from the root on, and counts them.
  mutating func walk(_ tree: FileTree) throws(NodeProblem) {
    guard self[tree.root].type == .directory else {
      throw NodeProblem(isContradiction: true, id: tree.root, what: "the root is not a directory")
    }
    self[tree.root].links = 2
    self[tree.root].parent = tree.root
    var stack = [tree.root]
    while let id = stack.popLast() {
      guard let directory = tree.directory(id) else { continue }
      for index in 0..<directory.count {
        let child = directory.id(at: index)
        let facts = self[child]
        guard let type = facts.type else {
          let name = directory.name(at: index).escaped
          throw NodeProblem(isContradiction: true, id: id, what: "the name \"\(name)\" leads to no inode")
        }
        guard type == .directory else {
          self[child].links += 1
          continue
        }
        guard facts.links == 0 else {
          throw NodeProblem(isContradiction: true, id: child, what: "a directory has two names")
        }
        self[child].links = 2
        self[child].parent = id
        self[id].links += 1
        stack.append(child)
      }
    }
  }
}

extension Inode.Body {
  /// The type as ext4 numbers it.
  var ext4Type: InodeType {
    switch self {
    case .directory: .directory
    case .file: .file
    case .symlink: .symlink
    case .characterDevice: .characterDevice
    case .blockDevice: .blockDevice
    case .fifo: .fifo
    case .socket: .socket
    }
  }
}

extension FileTree {
  /// The first path by which a walk finds `id`; the root's if none leads there.
  func firstPath(to id: InodeID) -> TreePath {
    var seen: Set<InodeID> = [root]
    var stack: [(id: InodeID, path: TreePath)] = [(root, TreePath())]
    while let (here, path) = stack.popLast() {
      if here == id { return path }
      guard let directory = directory(here) else { continue }
      for (name, child) in directory {
        if child == id { return path.appending(name) }
        if self.directory(child) != nil && seen.insert(child).inserted { stack.append((child, path.appending(name))) }
      }
    }
    return TreePath()
  }
}
