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
  /// Indexed by the tree's numbers: the number on the disk, zero where no name leads.
  private var numbers: [UInt32]
  /// Indexed likewise: the type as directory entries tell it, zero where there is no inode.
  private var types: [UInt8]
  /// Indexed likewise: how many names there are, `.` and `..` among them.
  private var links: [UInt32]
  /// Indexed likewise: the directory that holds a directory.
  private var parents: [InodeID]

  /// - Throws: `NodeProblem` if a name leads nowhere, two lead to one directory, or lost+found is a file.
  init(_ tree: FileTree) throws(NodeProblem) {
    let ids = tree.ids
    let count = ids.last.map { Int($0.number) + 1 } ?? 0
    numbers = Array(repeating: 0, count: count)
    types = Array(repeating: 0, count: count)
    links = Array(repeating: 0, count: count)
    parents = Array(repeating: tree.root, count: count)
    for id in ids { types[id] = tree[id]?.body.ext4Type.entryType ?? 0 }
    try Self.walk(tree, types, &links, &parents)
    let named = ids.filter { [links] in links[$0] > 0 }
    let lost = tree.directory(tree.root)?[.lostAndFound]
    if let lost, types[lost] != InodeType.directory.entryType {
      throw NodeProblem(id: lost, what: "ext4 needs a directory of this name")
    }
    entries = Self.number(named, root: tree.root, lostAndFound: lost)
    for entry in entries { numbers[entry.id] = entry.number }
  }

  /// The number on the disk of the inode `id`, which a name leads to.
  func number(of id: InodeID) -> UInt32 { numbers[id] }
  /// The type of the inode `id` as directory entries tell it.
  func type(of id: InodeID) -> UInt8 { types[id] }
  /// The names that lead to `id`, for a directory `.` and its folders' `..` among them.
  func links(of id: InodeID) -> UInt32 { links[id] }
  /// The number on the disk of the directory that holds the directory `id`; the root holds itself.
  func parent(of id: InodeID) -> UInt32 { numbers[parents[id]] }

  private static func walk(
    _ tree: FileTree, _ types: [UInt8], _ links: inout [UInt32], _ parents: inout [InodeID]
  ) throws(NodeProblem) {
    let isDirectory = InodeType.directory.entryType
    guard Int(tree.root.number) < types.count, types[tree.root] == isDirectory else {
      throw NodeProblem(isContradiction: true, id: tree.root, what: "the root is not a directory")
    }
    links[tree.root] = 2
    var stack = [tree.root]
    while let id = stack.popLast() {
      guard let directory = tree.directory(id) else { continue }
      for index in 0..<directory.count {
        let child = directory.id(at: index)
        guard Int(child.number) < types.count, types[child] != 0 else {
          let name = directory.name(at: index).escaped
          throw NodeProblem(isContradiction: true, id: id, what: "the name \"\(name)\" leads to no inode")
        }
        guard types[child] == isDirectory else {
          links[child] += 1
          continue
        }
        guard links[child] == 0 else {
          throw NodeProblem(isContradiction: true, id: child, what: "a directory has two names")
        }
        links[child] = 2
        links[id] += 1
        parents[child] = id
        stack.append(child)
      }
    }
  }

  /// Numbers that are far apart, as in a large file system with few files, are not kept: the tables would be mostly
  /// empty. The bound depends on the tree alone, so that nodes of one base agree.
  private static func number(_ named: [InodeID], root: InodeID, lostAndFound: InodeID?) -> [Entry] {
    let highest = named.last?.number ?? 0
    let keeps = Int(highest) <= 4 * named.count + 65536
    var next = (keeps ? max(highest, ReservedInode.first) : ReservedInode.first) + 1
    var entries: [Entry] = []
    entries.reserveCapacity(named.count)
    for id in named {
      if id == root {
        entries.append(Entry(id: id, number: ReservedInode.root))
      } else if id == lostAndFound {
        entries.append(Entry(id: id, number: ReservedInode.first))
      } else if keeps && id.number > ReservedInode.first {
        entries.append(Entry(id: id, number: id.number))
      } else {
        entries.append(Entry(id: id, number: next))
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

extension Array {
  fileprivate subscript(id: InodeID) -> Element {
    get { self[Int(id.number)] }
    set { self[Int(id.number)] = newValue }
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
