import FileTree
import TestSupport
import Testing

/// Where an edited copy departs from its base.
@Suite struct DivergenceTests {
  /// A tree of folders `aN/bM`, each with four files, and one file with a name in two of them.
  private func base() throws -> FileTree {
    var tree = FileTree(inode: folder())
    for outer in 0..<10 {
      for inner in 0..<10 {
        for number in 0..<4 {
          let path = try #require(TreePath("a\(outer)/b\(inner)/f\(number)"))
          try tree.makeDirectory(path.parent, like: folder())
          try tree.put(file("\(path)"), at: path)
        }
      }
    }
    let id = try #require(tree.find("a1/b1/f1"))
    try tree.modify("a2/b2") { (inode: inout Inode) in
      guard case .directory(var directory) = inode.body else { return }
      directory[try #require(Name(Array("also".utf8)))] = id
      inode.body = .directory(directory)
    }
    return tree
  }

  /// The folders through which a divergence leads, by path.
  private func ways(_ divergence: Divergence, _ tree: FileTree) -> [String] {
    TreeWalk(tree).filter { tree.directory($0.id) != nil && divergence.leads(through: $0.id) }.map {
      String(decoding: $0.path, as: UTF8.self)
    }
  }

  @Test(arguments: [false, true])
  func `only folders with an edit in them are on the way`(isIndexed: Bool) throws {
    var base = try base()
    if isIndexed { base.indexNames() }
    #expect(Divergence(from: base, to: base).ids.isEmpty)
    #expect(ways(Divergence(from: base, to: base), base).isEmpty)

    var tree = base
    try tree.put(file("other"), at: "a3/b4/f2")
    let changed = Divergence(from: base, to: tree)
    #expect(changed.ids == [try #require(base.find("a3/b4/f2"))])
    #expect(ways(changed, base) == ["/", "/a3", "/a3/b4"])

    try tree.put(file("new"), at: "a5/new")
    let added = Divergence(from: base, to: tree)
    #expect(added.contains(try #require(tree.find("a5"))))
    #expect(!added.contains(try #require(tree.find("a5/b0"))))
    #expect(ways(added, base) == ["/", "/a3", "/a3/b4", "/a5"])
    #expect(ways(Divergence(from: tree, to: base), base) == ["/", "/a3", "/a3/b4", "/a5"])
  }

  @Test func `a file of several names leads to all of them if one came or went, or if it changed`() throws {
    var base = try base()
    base.indexNames()
    let both = ["/", "/a1", "/a1/b1", "/a2", "/a2/b2"]
    var tree = base
    try tree.remove("a2/b2/also")
    #expect(ways(Divergence(from: base, to: tree), base) == both)
    tree = base
    try tree.modify("a2/b2/also") { (inode: inout Inode) in inode.mode = 0o600 }
    #expect(ways(Divergence(from: base, to: tree), base) == both)
    // Another edit of a folder with such a name: more than needed, but never less.
    tree = base
    try tree.put(file("new"), at: "a1/b1/new")
    #expect(ways(Divergence(from: base, to: tree), base) == both)
  }

  @Test func `an index does not outlive an edit of names`() throws {
    var base = try base()
    base.indexNames()
    try base.remove("a4")
    try base.put(file("new"), at: "a6/b6/new")
    try base.modify("a6/b6") { (inode: inout Inode) in inode.mode = 0o700 }
    var tree = base
    try tree.modify("a6/b6/new") { (inode: inout Inode) in inode.mode = 0o600 }
    #expect(ways(Divergence(from: base, to: tree), base) == ["/", "/a6", "/a6/b6"])
    // Permissions of a folder leave names as they are.
    base.indexNames()
    try base.modify("a6/b6") { (inode: inout Inode) in inode.mode = 0o755 }
    tree = base
    try tree.remove("a6/b6/new")
    #expect(ways(Divergence(from: base, to: tree), base) == ["/", "/a6", "/a6/b6"])
    #expect(tree.changes(since: base).map { String(decoding: $0.path, as: UTF8.self) } == ["/a6/b6/new"])
  }
}
