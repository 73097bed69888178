import FileTree
import Testing

@Suite struct EditTests {
  @Test func `an edit of a copy leaves the original alone`() throws {
    let base = try debian()
    var node = base
    try node.put(file("nog\n"), at: "etc/hostname")
    #expect(try base.text("etc/hostname") == "raspberrypi\n")
    #expect(try node.text("etc/hostname") == "nog\n")
    #expect(node.find("etc/hostname") == base.find("etc/hostname"), "a replaced file keeps its inode")
  }

  @Test func `a file with two names is replaced under one of them only`() throws {
    var tree = try debian()
    let id = try #require(tree.find("etc/hostname"))
    let name = try #require(Name(Array("twin".utf8)))
    var etc = try #require(tree.find("etc").flatMap { tree.directory($0) })
    etc[name] = id
    try tree.modify("etc") { $0.body = .directory(etc) }
    #expect(tree.linkCounts()[id] == 2)

    try tree.put(file("nog\n"), at: "etc/hostname")
    #expect(try tree.text("etc/twin") == "raspberrypi\n")
    #expect(tree.linkCounts()[id] == 1)
  }

  @Test func `removing a folder drops what only it held, and keeps what has a name elsewhere`() throws {
    var tree = try debian()
    try tree.put(file("a"), at: "home/pi/a")
    try tree.makeDirectory("home/pi/deep/er", like: folder())
    let kept = try tree.put(file("kept"), at: "home/pi/deep/er/kept")
    let twice = try tree.put(file("twice"), at: "home/pi/twice")
    let name = try #require(Name(Array("again".utf8)))
    for (path, id) in [("etc", kept), ("home/pi/deep", twice)] as [(TreePath, InodeID)] {
      var directory = try #require(tree.find(path).flatMap { tree.directory($0) })
      directory[name] = id
      try tree.modify(path) { $0.body = .directory(directory) }
    }
    let before = tree.ids.count
    #expect(try tree.remove("home/pi"))
    #expect(tree.find("home/pi") == nil)
    #expect(try tree.text("etc/again") == "kept")
    #expect(tree[twice] == nil)
    #expect(tree.ids.count == before - 5, "pi, a, deep, er and twice are gone")
    #expect(try tree.remove("home/pi") == false)
  }

  @Test func `a folder is not replaced by a file, and nothing stands under a file`() throws {
    var tree = try debian()
    #expect(throws: TreeError.isDirectory("etc")) { try tree.put(file(""), at: "etc") }
    #expect(throws: TreeError.missing("srv")) { try tree.put(file(""), at: "srv/x") }
    #expect(throws: TreeError.notDirectory("etc/hostname")) {
      try tree.makeDirectory("etc/hostname/x", like: folder())
    }
  }

  @Test func `a name that links elsewhere is followed, or replaced, as asked`() throws {
    var tree = try debian()
    try tree.put(file("new\n"), at: "bin/sh")
    #expect(try tree.text("usr/bin/dash") == "new\n")
    try tree.put(file("own\n"), at: "bin/sh", followingLast: false)
    #expect(try tree.text("usr/bin/sh") == "own\n")
    #expect(try tree.text("usr/bin/dash") == "new\n")
  }
}
