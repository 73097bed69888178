import Bytes
import FileTree
import Storage
import Testing

@Suite struct ComparisonTests {
  private func text(_ tree: FileTree) throws -> [UInt8] {
    var bytes: [UInt8] = []
    try Manifest(of: tree).write { bytes.append(contentsOf: $0.array) }
    return bytes
  }

  private func manifest(_ tree: FileTree) throws -> ComparisonSide {
    .manifest(ManifestFile(MemorySource(try text(tree), name: "m")))
  }

  private func differences(
    _ left: ComparisonSide, _ right: ComparisonSide, ignoring ignored: Set<ComparedField> = []
  ) throws -> [String] {
    var found: [String] = []
    var comparison = Comparison(left, right, ignoring: ignored)
    let isEqual = try comparison.run { difference in
      let mark = difference.before == nil ? "+" : difference.after == nil ? "-" : "~"
      found.append("\(mark)\(difference.path.escaped) " + difference.fields.map(\.rawValue).joined(separator: ","))
    }
    #expect(isEqual == found.isEmpty)
    return found
  }

  private func changed() throws -> FileTree {
    var tree = try debian()
    try tree.put(file("raspberrypo\n", mode: 0o600), at: "etc/hostname")
    try tree.put(file("longer than before"), at: "usr/bin/dash")
    try tree.put(link("bash"), at: "usr/bin/sh", followingLast: false)
    try tree.put(file("x"), at: "etc/new")
    try tree.remove("home")
    try tree.modify("etc/ssh") { (inode: inout Inode) in
      inode.uid = 5
      inode.xattrs = [ExtendedAttribute(name: Array("user.a".utf8), value: [0, 1, 0xFF])]
      inode.modified = Timestamp(seconds: -3, nanoseconds: 7)
    }
    return tree
  }

  @Test func `what differs is said by its name, of trees and of manifests alike`() throws {
    let (old, new) = (try debian(), try changed())
    let expected = [
      "~/ nlink", "~/etc/hostname mode,content", "+/etc/new ", "~/etc/ssh uid,mtime,xattrs", "-/home ", "-/home/pi ",
      "~/usr/bin/dash mode,size,content", "~/usr/bin/sh target",
    ]
    for left in [.tree(old), try manifest(old)] as [ComparisonSide] {
      for right in [.tree(new), try manifest(new)] as [ComparisonSide] {
        #expect(try differences(left, right) == expected)
      }
    }
    #expect(try differences(.tree(new), manifest(new)) == [])
    let ignored: Set<ComparedField> = [.mode, .uid, .mtime, .xattrs, .nlink, .size, .content, .target]
    #expect(try differences(.tree(old), .tree(new), ignoring: ignored) == ["+/etc/new ", "-/home ", "-/home/pi "])
  }

  @Test func `contents are compared through holes, and whatever pieces they come in`() throws {
    let bytes = (0..<600_000).map { UInt8(truncatingIfNeeded: $0 / 4096 % 3 == 1 ? 0 : $0 % 251) }
    let whole = FileContent(bytes: bytes)
    let source = MemorySource(bytes)
    var extents: [FileExtent] = []
    for start in stride(from: 0, to: bytes.count, by: 4096) where start / 4096 % 3 != 1 {
      extents.append(FileExtent(offset: start, sourceOffset: start, count: min(4096, bytes.count - start)))
    }
    let pieces = FileContent(size: bytes.count, source: source, extents: extents)
    #expect(try whole.hasSameBytes(as: pieces) && pieces.hasSameBytes(as: whole) && pieces.hasSameBytes(as: pieces))
    #expect(try whole.digest() == pieces.digest())
    var other = bytes
    other[599_999] ^= 1
    #expect(try !pieces.hasSameBytes(as: FileContent(bytes: other)))
    other = bytes
    other[5000] = 1
    #expect(try !FileContent(bytes: other).hasSameBytes(as: pieces))
    #expect(try !whole.hasSameBytes(as: FileContent(bytes: Array(bytes.dropLast()))))
  }

  @Test func `beside FAT names that differ in case only are one name`() throws {
    func tree(_ flavor: FileTree.Flavor, _ files: [String: String]) throws -> FileTree {
      var tree = FileTree(flavor: flavor, inode: folder())
      for (path, text) in files.sorted(by: { $0.key < $1.key }) {
        let path = TreePath(stringLiteral: path)
        try tree.makeDirectory(path.parent, like: folder())
        try tree.put(file(text), at: path)
      }
      return tree
    }
    let shouted = ["CONFIG.TXT": "a", "OVERLAYS/X.DTB": "b", "\u{C4}RGER": "c", "kernel8.img": "d", "gone": "e"]
    let spoken = ["config.txt": "a", "overlays/x.dtb": "B", "\u{E4}rger": "c", "kernel8.img": "d", "new": "f"]
    let expected = [
      "~/CONFIG.TXT name", "~/OVERLAYS name", "~/OVERLAYS/X.DTB name,content", "-/gone ", "+/new ",
      "~/%C3%84RGER name",
    ]
    let (fat, other) = (try tree(.fat, shouted), try tree(.fat, spoken))
    for left in [.tree(fat), try manifest(fat)] as [ComparisonSide] {
      for right in [.tree(other), try manifest(other), .tree(try tree(.posix, spoken))] as [ComparisonSide] {
        #expect(try differences(left, right) == expected)
      }
    }
    #expect(
      try differences(.tree(fat), .tree(other), ignoring: [.name]) == ["~/OVERLAYS/X.DTB content", "-/gone ", "+/new "])
    // Where both spellings are there, each has its own.
    let both = try tree(.posix, ["a": "1", "A": "2", "b": "3"])
    #expect(try differences(.tree(tree(.fat, ["a": "1", "B": "3"])), .tree(both)) == ["+/A ", "~/B name"])
    // Linux tells them apart.
    #expect(try differences(.tree(tree(.posix, ["a": ""])), .tree(tree(.posix, ["A": ""]))) == ["+/A ", "-/a "])
  }

  @Test(arguments: [
    ("{\"path\":\"/\",\"type\":\"dir\"}\n{\"path\":\"/\",\"type\":\"dir\"}\n", "m:2: out of order"),
    ("{\"path\":\"/b\",\"type\":\"dir\"}\n{\"path\":\"/a\",\"type\":\"dir\"}", "m:2: out of order"),
    ("{\"path\":\"/\",\"type\":\"dir\"", "m:1: not a line"), ("{\"path\":\"a\",\"type\":\"dir\"}", "m:1: not a line"),
    ("{\"path\":\"/%G0\",\"type\":\"dir\"}", "m:1: not a line"), ("{\"path\":\"/\"}", "m:1: not a line"),
    ("{\"path\":\"/\",\"type\":\"dir\",\"odd\":1}", "m:1: not a line"), ("\n", "m:1: not a line"),
    ("{\"path\":\"/\",\"type\":\"dir\",\"uid\":99999999999999999999}", "m:1: not a line"),
    ("{\"path\":\"/\",\"type\":\"dir\",\"mtime\":\"1.5\"}", "m:1: not a line"),
    ("{\"path\":\"/\",\"type\":\"dir\",\"xattrs\":{\"a\":\"=\"}}", "m:1: not a line"),
  ])
  func `a manifest that is none is refused with its line`(_ text: String, _ expected: String) throws {
    let side = ComparisonSide.manifest(ManifestFile(MemorySource(Array(text.utf8), name: "m")))
    do {
      _ = try differences(side, .tree(try debian()))
      Issue.record("read")
    } catch {
      #expect("\(error)".hasPrefix(expected), "\(error)")
    }
  }
}
