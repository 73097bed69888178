import FileTree
import Glibc
import TestSupport
import Testing

/// Edits in great number: that they are right, and that each costs what it touches.
@Suite struct ManyEditsTests {
  private func path(_ number: Int) throws -> TreePath {
    try #require(TreePath(bytes: Array("d\(number % 7)/e\(number % 3)/f\(number % 40)".utf8)))
  }

  /// What must hold of any tree: names lead to inodes, and no inode is without a name.
  private func check(_ tree: FileTree) {
    let counts = tree.linkCounts()
    for entry in TreeWalk(tree) { #expect(tree[entry.id] != nil) }
    for id in tree.ids where id != tree.root { #expect(counts[id] > 0, "inode \(id.number) has no name") }
  }

  @Test func `random edits leave a sound tree, and changes tells each of them`() throws {
    var random = SplitMix64(Fuzzing.seed(2718))
    var tree = FileTree(inode: folder())
    for number in 0..<200 {
      try tree.makeDirectory(path(number).parent, like: folder())
      try tree.put(file("\(number)"), at: path(number))
    }
    for round in 0..<Fuzzing.rounds(30) {
      if round.isMultiple(of: 2) { tree.indexNames() }
      let base = tree
      for step in 0..<40 {
        let place = try path(Int.random(in: 0..<840, using: &random))
        switch Int.random(in: 0..<8, using: &random) {
        case 0: try tree.remove(place)
        case 1: try tree.remove(place.parent)
        case 2:
          // One name more for a file that is there, in a folder that is there.
          guard let id = try tree.find(path(Int.random(in: 0..<840, using: &random))),
            var directory = tree.find(place.parent).flatMap({ tree.directory($0) }), let name = place.names.last
          else { continue }
          // An edit from outside puts nothing in place of anything.
          guard directory[name] == nil, tree.directory(id) == nil else { continue }
          directory[name] = id
          try tree.modify(place.parent) { $0.body = .directory(directory) }
        default:
          try tree.makeDirectory(place.parent, like: folder())
          if tree.directory(tree.find(place) ?? tree.root) != nil && tree.find(place) != nil { continue }
          try tree.put(file("\(round) \(step)"), at: place)
        }
      }
      check(tree)
      #expect(tree.changes(since: base).map(\.path) == slowChanges(from: base, to: tree))
      #expect(base.changes(since: tree).map(\.path) == slowChanges(from: tree, to: base))
    }
  }

  /// What differs, by a look at every path of both.
  private func slowChanges(from old: FileTree, to new: FileTree) -> [[UInt8]] {
    func inodes(_ tree: FileTree) -> [[UInt8]: Inode] {
      Dictionary(TreeWalk(tree).compactMap { entry in tree[entry.id].map { (entry.path, $0) } }) { $1 }
    }
    let (before, after) = (inodes(old), inodes(new))
    return Set(before.keys).union(after.keys).sorted { $0.lexicographicallyPrecedes($1) }.filter { path in
      guard let left = before[path], let right = after[path] else { return true }
      return !left.isSame(as: right)
    }
  }

  // Each edit that counted the whole tree would make this take minutes of the processor.
  @Test func `thousands of files are put, replaced and removed in a large tree without counting it each time`() throws {
    var tree = FileTree(inode: folder())
    var start = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &start)
    var all = [TreePath]()
    for number in 0..<20_000 {
      let path = try #require(TreePath(bytes: Array("d\(number / 200)/f\(number)".utf8)))
      if number.isMultiple(of: 200) { try tree.makeDirectory(path.parent, like: folder()) }
      try tree.put(file("old"), at: path)
      all.append(path)
    }
    for path in all.prefix(5000) { try tree.put(file("new"), at: path) }
    for path in all.suffix(5000) { try tree.remove(path) }
    #expect(tree.ids.count == 1 + 100 + 15_000)
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    #expect(time.tv_sec - start.tv_sec < 30)
  }
}
