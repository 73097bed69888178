import FileTree
import Testing

@Suite struct LookupTests {
  @Test func `follows links on the way and at the end, inside the tree`() throws {
    let tree = try debian()
    #expect(try tree.resolve("bin/sh") == "usr/bin/dash")
    #expect(try tree.resolve("bin/sh", followingLast: false) == "usr/bin/sh")
    #expect(try tree.resolve("lib/systemd/not/yet") == "usr/lib/systemd/not/yet")
    #expect(tree.find("lib/systemd") == tree.find("usr/lib/systemd"))
    #expect(tree.find("lib/nothing") == nil)
  }

  @Test func `a link above the root stays in the root`() throws {
    var tree = try debian()
    try tree.put(link("../../../etc/hostname"), at: "home/pi/escape")
    #expect(try tree.resolve("home/pi/escape") == "etc/hostname")
  }

  @Test func `the target of a link leads from the folder of the link, over dots and other links`() throws {
    let tree = try debian()
    func end(_ target: String, _ followingLast: Bool) throws -> TreePath {
      try tree.resolve(target: Array(target.utf8), in: "etc", followingLast: followingLast)
    }
    #expect(try end("../lib/./systemd//unit", false) == "usr/lib/systemd/unit")
    #expect(try end("/bin/sh", false) == "usr/bin/sh")
    #expect(try end("/bin/sh", true) == "usr/bin/dash")
    #expect(try end("../../../home/..", false) == TreePath())
    #expect(try end("hostname", false) == "etc/hostname")
  }

  @Test func `links in a circle are an error, not a hang`() throws {
    var tree = try debian()
    try tree.put(link("b"), at: "a")
    try tree.put(link("a"), at: "b")
    #expect(throws: TreeError.tooManyLinks("a/x")) { try tree.resolve("a/x") }
    #expect(tree.find("a") == nil)
  }

  @Test func `a file is no folder`() throws {
    #expect(throws: TreeError.notDirectory("etc/hostname")) { try debian().resolve("etc/hostname/x") }
  }

  @Test(arguments: ["", "/", "a//b/", "./a", "/a/./b"])
  func `repeated slashes and dots do not count`(_ text: String) {
    #expect(TreePath(text) != nil)
  }

  @Test(arguments: ["..", "a/../b", "a\0b", String(repeating: "n", count: 256)])
  func `what is not a name makes no path`(_ text: String) {
    #expect(TreePath(text) == nil)
  }
}
