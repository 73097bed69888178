import Bytes
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
  let facts: InodeFacts

  /// The inodes of `tree`; those that it has in common with the tree of `base` get the same numbers.
  ///
  /// - Throws: `NodeProblem` if a name leads nowhere, two lead to one directory, or lost+found is a file.
  init(_ tree: FileTree, base: NamedInodes? = nil) throws(NodeProblem) {
    let ids = tree.ids
    var facts = InodeFacts()
    for id in ids { facts[id].type = tree[id]?.body.ext4Type }
    try facts.walk(tree)
    let named = ids.filter { facts[$0].links > 0 }
    let lost = tree.directory(tree.root)?[.lostAndFound]
    if let lost, facts[lost].type != .directory {
      throw NodeProblem(id: lost, what: "ext4 needs a directory of this name")
    }
    let numbers = base.map { InodeNumbers(of: $0) } ?? InodeNumbers(of: named)
    entries = numbers.entries(of: named, root: tree.root, lostAndFound: lost)
    for entry in entries { facts[entry.id].number = entry.number }
    self.facts = facts
  }

  /// The index in `entries` of the inode of that number; nil if there is none.
  func index(of number: UInt32) -> Int? {
    let index = entries.partitioningIndex { $0.number >= number }
    return index < entries.count && entries[index].number == number ? index : nil
  }
}

/// Which inode gets which number.
struct InodeNumbers {
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

  /// Numbers that `base` has, and new ones after all of them.
  init(of base: NamedInodes) {
    kept = { base.facts.keptNumber(of: $0) }
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
    guard let name = Name("lost+found".utf8) else { preconditionFailure("`lost+found` has no slash and no NUL") }
    return name
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
        if isDirectory(child) && seen.insert(child).inserted { stack.append((child, path.appending(name))) }
      }
    }
    return TreePath()
  }
}
