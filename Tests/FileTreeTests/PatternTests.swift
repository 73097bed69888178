import FileTree
import Testing

@Suite struct PatternTests {
  private func paths(_ pattern: String, in tree: FileTree) -> [String] {
    tree.matches(Array(pattern.utf8)).map { $0.path.description }
  }

  @Test(
    arguments: [
      ("/", ["/"]), ("/etc/hostname", ["/etc/hostname"]), ("etc//./hostname/", ["/etc/hostname"]),
      ("/etc/h*", ["/etc/hostname"]), ("/etc/h?stname", ["/etc/hostname"]), ("/etc/[g-i]ostname", ["/etc/hostname"]),
      ("/etc/[!h]*", ["/etc/ssh"]), ("/etc/[^s]*", ["/etc/hostname"]), ("/e*/*", ["/etc/hostname", "/etc/ssh"]),
      ("/bin/*", ["/bin/dash", "/bin/sh"]), ("/bin", ["/bin"]), ("/lib/systemd", ["/lib/systemd"]),
      ("/**/sh", ["/usr/bin/sh"]), ("/**/**/ssh", ["/etc/ssh"]),
      ("/usr/**", ["/usr/bin", "/usr/bin/dash", "/usr/bin/sh", "/usr/lib", "/usr/lib/systemd"]),
      ("/etc/hostname/*", []), ("/nothing*", []), ("/etc/../etc", []), ("/etc/[h", []), ("/*/*/*/*/*", []),
    ] as [(String, [String])])
  func `patterns stand for what is there`(_ pattern: String, _ expected: [String]) throws {
    #expect(try paths(pattern, in: debian()) == expected)
  }

  @Test func `a name that looks like a pattern is itself first, and names are found as they are printed`() throws {
    var tree = FileTree(inode: folder())
    for name in ["a*", "ab", "[x]", "x", "50%41", "\u{1B}[31m\n", "é"] {
      try tree.put(file(name), at: TreePath([try #require(Name(Array(name.utf8)))]))
    }
    try tree.put(file("raw"), at: TreePath([try #require(Name([0xFF]))]))
    #expect(paths("a*", in: tree) == ["/a*"])
    #expect(paths("a\\*", in: tree) == ["/a*"])
    #expect(paths("[x]", in: tree) == ["/[x]"])
    #expect(paths("[[]x]", in: tree) == ["/[x]"])
    #expect(paths("50%41", in: tree) == ["/50%2541"])
    #expect(paths("50%2541", in: tree) == ["/50%2541"])
    #expect(paths("%1B[31m%0A", in: tree) == ["/%1B[31m%0A"])
    #expect(paths("%FF", in: tree) == ["/%FF"])
    // One character is two bytes, or one that is no character.
    #expect(paths("?", in: tree) == ["/x", "/%C3%A9", "/%FF"])
  }

  @Test func `stars take no time worth naming`() throws {
    var tree = FileTree(inode: folder())
    try tree.put(file(""), at: TreePath([try #require(Name([UInt8](repeating: 0x61, count: 255)))]))
    let pattern = String(repeating: "*a", count: 120) + "b"
    #expect(paths(pattern, in: tree) == [])
    #expect(paths("/**/*/**/*/**/*", in: try debian()).count == 3)
  }

  @Test func `a selection keeps the paths that were asked for, and no more`() throws {
    func selected(_ patterns: String...) throws -> [String] {
      let tree = try debian()
      let matches = patterns.flatMap { tree.matches(Array($0.utf8)) }
      return try TreeSelection(matches, of: tree).tree.paths
    }
    #expect(try selected("/etc/hostname") == ["/", "/etc", "/etc/hostname"])
    #expect(try selected("/lib/systemd", "/bin/sh") == ["/", "/bin", "/bin/sh", "/lib", "/lib/systemd"])
    // The link stays one, and what is after it goes where it really is.
    #expect(try selected("/lib/systemd", "/lib") == ["/", "/lib", "/usr", "/usr/lib", "/usr/lib/systemd"])
    #expect(
      try selected("/usr/bin/sh", "/usr") == [
        "/", "/usr", "/usr/bin", "/usr/bin/dash", "/usr/bin/sh", "/usr/lib", "/usr/lib/systemd",
      ])
    #expect(try selected("/etc", "/") == debian().paths)
  }
}
