import FileTree
import TestSupport
import Testing

@Suite struct WalkTests {
  @Test func `paths come in the order of their bytes, though a folder's content does not follow it`() throws {
    var tree = FileTree(inode: folder())
    for path in ["a/b", "a-b/c", "a-b/d", "a b", "a.x/y", "a!/z", "a0", "b", "a-/q", "a-b c/r"] as [TreePath] {
      try tree.makeDirectory(path.parent, like: folder())
      if tree.find(path) == nil { try tree.put(file(""), at: path) }
    }
    let paths = tree.paths
    #expect(paths == paths.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
    #expect(paths.first == "/")
    #expect(paths.count == 17)
  }

  @Test func `changes are those paths that differ, and no others`() throws {
    let base = try debian()
    var node = base
    try node.put(file("nog\n"), at: "etc/hostname")
    try node.put(file("same"), at: "etc/ssh/new")
    try node.remove("usr/bin/sh")
    try node.modify("home/pi") { (inode: inout Inode) in inode.uid = 1000 }
    let changes = node.changes(since: base)
    #expect(
      changes.map { String(decoding: $0.path, as: UTF8.self) } == [
        "/etc/hostname", "/etc/ssh/new", "/home/pi", "/usr/bin/sh",
      ])
    #expect(changes.map { $0.before == nil } == [false, true, false, false])
    #expect(changes.map { $0.after == nil } == [false, false, false, true])
    #expect(base.changes(since: base).isEmpty)
  }

  @Test(arguments: 0..<40) func `changes of any edits are what two whole walks tell apart`(seed: Int) throws {
    var random = SplitMix64(UInt64(seed))
    var base = FileTree(inode: folder())
    for number in 0..<1200 {
      try base.makeDirectory(path("d\(number % 13)/e\(number % 7)"), like: folder())
      try base.put(file("\(number)"), at: path("d\(number % 13)/e\(number % 7)/f\(number)"))
    }
    var node = base
    for step in 0..<Int.random(in: 1...6, using: &random) {
      let number = Int.random(in: 0..<1200, using: &random)
      let folderPath = path("d\(number % 13)/e\(number % 7)")
      switch Int.random(in: 0..<6, using: &random) {
      case 0: try node.remove(folderPath)
      case 1: try node.remove(path("d\(number % 13)/e\(number % 7)/f\(number)"))
      case 2:
        try node.makeDirectory(folderPath, like: folder())
        try node.put(file("new"), at: path("d\(number % 13)/e\(number % 7)/f\(number)"))
      case 3: try node.move(path("d\(number % 13)"), to: path("moved\(step)"))
      case 4:
        try node.makeDirectory(path("new\(step)/deep/er"), like: folder())
        try node.move(path("d\(number % 13)"), to: path("new\(step)/deep/er/d"))
      default: try? node.modify(folderPath) { (inode: inout Inode) in inode.mode ^= 0o001 }
      }
    }
    let (old, new) = (base.inodesByPath, node.inodesByPath)
    let expected = Set(old.keys).union(new.keys).filter { path in
      guard let before = old[path], let after = new[path] else { return true }
      return !before.isSame(as: after)
    }
    let changes = node.changes(since: base)
    #expect(changes.map(\.path) == expected.sorted { $0.lexicographicallyPrecedes($1) })
    #expect(
      changes.allSatisfy { ($0.before == nil) == (old[$0.path] == nil) && ($0.after == nil) == (new[$0.path] == nil) })
  }
}

private func path(_ text: String) -> TreePath { TreePath(text) ?? TreePath() }

extension FileTree {
  fileprivate var inodesByPath: [[UInt8]: Inode] {
    var inodes: [[UInt8]: Inode] = [:]
    for entry in TreeWalk(self) { inodes[entry.path] = self[entry.id] }
    return inodes
  }

  /// Gives what is at `path`, if anything, another path.
  fileprivate mutating func move(_ path: TreePath, to target: TreePath) throws {
    guard let id = find(path), let parent = find(path.parent), let folder = find(target.parent),
      var names = directory(parent), let old = path.names.last, let new = target.names.last
    else { return }
    names[old] = nil
    self[parent]?.body = .directory(names)
    guard var others = directory(folder) else { return }
    others[new] = id
    self[folder]?.body = .directory(others)
  }
}
