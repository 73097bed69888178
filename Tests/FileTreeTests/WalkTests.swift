import FileTree
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
}
