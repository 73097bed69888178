import Bytes
import FileTree
import Storage
import TestSupport
import Testing

@testable import Ext4

@Suite(.enabled(if: Tool.arePresent("e2fsck", "debugfs"), "e2fsprogs is not installed"))
struct WriterContentTests {
  static let source = MemorySource((0..<1 << 20).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 12) })

  /// A file of `size` bytes with `extents` of the source, each as (offset, count).
  static func sparse(_ size: Int, _ extents: [(offset: Int, count: Int)]) -> Inode {
    let pieces = extents.enumerated().map { index, extent in
      FileExtent(offset: extent.offset, sourceOffset: index * 16 % (1 << 19), count: extent.count)
    }
    return .file(FileContent(size: size, source: source, extents: pieces))
  }

  @Test(arguments: [(4, 0), (5, 1), (340, 1), (341, 2), (1360, 4), (1361, 6), (2000, 7)])
  func `a file of many extents has a tree of them`(extents: Int, treeBlocks: Int) async throws {
    var tree = FileTree.empty
    tree.add("f", Self.sparse(extents * 8192, (0..<extents).map { ($0 * 8192, 4096) }))
    let image = try WrittenImage(tree)
    try await image.expectClean()
    #expect(try await image.debugfs("stat f").contains("Blockcount: \((extents + treeBlocks) * 8)\n"))
    try await image.expectMountsAs(tree.withLostAndFound)
  }

  @Test func `holes stay holes, and extents of bytes grow to blocks`() async throws {
    var tree = FileTree.empty
    let large = 5 << 30
    tree.add("five-gib", Self.sparse(large, [(0, 10), (large - 5000, 4999)]))
    tree.add("all-hole", Self.sparse(1 << 40, []))
    // Two extents in one block, one over a block's border, one that ends the file inside a block.
    tree.add("bytes", Self.sparse(30000, [(1, 5), (100, 200), (8190, 4), (20000, 10000)]))
    tree.add("hole-after", Self.sparse(1 << 20, [(4096, 4096)]))
    let image = try WrittenImage(tree)
    try await image.expectClean()
    for (name, blocks) in [("five-gib", 3), ("all-hole", 0), ("bytes", 7), ("hole-after", 1)] {
      #expect(try await image.debugfs("stat \(name)").contains("Blockcount: \(blocks * 8)\n"), "\(name)")
    }
    let read = try Ext4Reader(image.source).tree()
    guard case .file(let content)? = read.inode(at: "five-gib")?.body else { throw TreeError.missing("five-gib") }
    let expected = try Self.source.read(at: 16, count: 4999)
    #expect(try content.bytes(in: large - 5000..<large) == expected + [0])
    #expect(try content.bytes(in: 0..<20) == Self.source.read(at: 0, count: 10) + [UInt8](repeating: 0, count: 10))
    // The kernel's view hashes whole files, holes too: not of the large ones.
    for name in ["five-gib", "all-hole"] { try tree.remove(try #require(TreePath(name))) }
    try await WrittenImage(tree).expectMountsAs(tree.withLostAndFound)
  }

  @Test func `files that metadata splits are whole`() async throws {
    var tree = FileTree.empty
    for file in 0..<3 {
      let extents = (0..<128).map {
        FileExtent(offset: $0 << 19, sourceOffset: ($0 * 4096 + file) % (1 << 19), count: 1 << 19)
      }
      tree.add("f\(file)", .file(FileContent(size: 64 << 20, source: Self.source, extents: extents)))
    }
    let image = try WrittenImage(tree, .test(.bytes(300 << 20)))
    try await image.expectClean()
    try await image.expectMountsAs(tree.withLostAndFound)
    // Around group 1's copy of the superblock.
    let extents = try await image.debugfs("stat f1").split(separator: "\n").first { $0.hasPrefix("(0-") }
    #expect(extents?.split(separator: ",").count == 2)
  }

  @Test func `neighbours in the source become one run`() throws {
    var tree = FileTree.empty
    for index in 0..<10 {
      let extent = FileExtent(offset: 0, sourceOffset: index * 8192, count: 8192)
      tree.add("f\(index)", .file(FileContent(size: 8192, source: Self.source, extent: extent)))
    }
    let layout = try Ext4Layout(tree, options: .test(.bytes(32 << 20)))
    let counts = layout.runs.compactMap { if case .source(_, _, let count) = $0 { count } else { nil } }
    #expect(counts == [81920])
  }

  @Test func `times from 1901 to 2446 keep their nanoseconds`() async throws {
    let times = [
      (-2_147_483_648, 0), (-1, 999_999_999), (0, 0), (2_147_483_647, 1), (2_147_483_648, 2), (4_294_967_296, 3),
      (8_589_934_592, 999_999_999), (15_032_385_535, 999_999_999),
    ].map { Timestamp(seconds: $0, nanoseconds: $1) }
    var tree = FileTree.empty
    for (index, time) in times.enumerated() {
      tree.add(
        "f\(index)",
        .file("").with { inode in
          inode.modified = time
          inode.changed = times[(index + 1) % 8]
          inode.accessed = times[(index + 2) % 8]
          inode.created = times[(index + 3) % 8]
        })
    }
    let image = try WrittenImage(tree)
    try await image.expectClean()
    let read = try Ext4Reader(image.source).tree()
    for index in 0..<8 {
      let path = try #require(TreePath("f\(index)"))
      let inode = try #require(read.inode(at: path))
      let found = [inode.modified, inode.changed, inode.accessed, inode.created]
      #expect(found == (0..<4).map { times[(index + $0) % 8] })
    }
    try await image.expectMountsAs(tree.withLostAndFound)
  }

  @Test(arguments: [-2_147_483_649, 15_032_385_536, Int64.min, Int64.max])
  func `another time is refused with the path`(seconds: Int64) throws {
    var tree = FileTree.empty
    let folder = tree.add("etc", .folder())
    tree.add("f", .file("").with { $0.accessed = Timestamp(seconds: seconds) }, in: folder)
    expectProblem(tree, "/etc/f: a time \(seconds) seconds from 1970 lies outside of 1901 to 2446")
  }

  @Test func `flags that a kind of inode cannot have are left out`() async throws {
    var tree = FileTree.empty
    let all = InodeFlags(rawValue: .max)
    tree.add("file", .file("x").with { $0.flags = all })
    tree.add("folder", .folder().with { $0.flags = all })
    tree.add("link", .symlink(5).with { $0.flags = all })
    tree.add("pipe", Inode(mode: 0o600, time: someTime, body: .fifo).with { $0.flags = all })
    tree.add("kept", .file("x").with { $0.flags = [.immutable, .noDump, .noAccessTime, .append] })
    let image = try WrittenImage(tree)
    try await image.expectClean()
    let read = try Ext4Reader(image.source).tree()
    #expect(read.inode(at: "kept")?.flags == [.immutable, .noDump, .noAccessTime, .append])
    #expect(read.inode(at: "link", followingLast: false)?.flags == [.noDump, .noAccessTime])
  }

  @Test func `what ext4 cannot hold is refused with its path`() {
    func expect(_ inode: Inode, _ message: String) {
      var tree = FileTree.empty
      tree.add("x", inode, in: tree.add("d", .folder()))
      expectProblem(tree, "/d/x: " + message)
    }
    expect(.symlink(4096), "a symbolic link of 4096 bytes is not what ext4 holds")
    expect(.symlink(0), "a symbolic link of 0 bytes is not what ext4 holds")
    let device = DeviceNumber(major: 4096, minor: 0)
    expect(
      Inode(mode: 0, time: someTime, body: .blockDevice(device)),
      "the device number 4096:0 is more than Linux has")
    let most = (1 << 44) - 4096
    expect(
      .file(FileContent(size: most + 1, source: Self.source, extents: [])),
      "\(most + 1) bytes are more than ext4 holds in one file, \(most)")
  }

  @Test func `a file has at most 65000 names, a folder any number of folders`() throws {
    func links(_ inode: Inode, _ links: UInt32) throws -> UInt16 {
      try InodeRecord(inode, size: 0, links: links, layout: [], birth: someTime).links
    }
    #expect(try links(.file(""), 65000) == 65000)
    #expect(throws: Unholdable.self) { try links(.file(""), 65001) }
    #expect(try links(.folder(), 65000) == 65000)
    #expect(try links(.folder(), 65001) == 1)
    #expect(try links(.folder(), 4_000_000_000) == 1)
  }

  @Test func `a tree that contradicts itself is refused`() {
    var dangling = FileTree.empty
    dangling.link("nothing", to: InodeID(77), in: dangling.add("d", .folder()))
    expectProblem(dangling, "/d: the name \"nothing\" leads to no inode")

    var circle = FileTree.empty
    circle.link("up", to: circle.root, in: circle.add("d", .folder()))
    expectProblem(circle, "/: a directory has two names")

    var twice = FileTree.empty
    let folder = twice.add("a", .folder())
    twice.link("b", to: folder)
    expectProblem(twice, "/a: a directory has two names")

    var lost = FileTree.empty
    lost.add("lost+found", .file(""))
    expectProblem(lost, "/lost+found: ext4 needs a directory of this name")
  }
}

extension FileContent {
  /// The bytes in `range`, read run by run.
  fileprivate func bytes(in range: Range<Int>) throws -> [UInt8] {
    var bytes: [UInt8] = []
    var offset = 0
    for run in runs {
      let part = (offset..<offset + run.count).clamped(to: range)
      switch run {
      case _ where part.isEmpty: break
      case .zeros: bytes.append(contentsOf: repeatElement(0, count: part.count))
      case .bytes(let data): bytes += data[part.lowerBound - offset..<part.upperBound - offset]
      case .source(let source, let start, _):
        bytes += try source.read(at: start + part.lowerBound - offset, count: part.count)
      }
      offset += run.count
    }
    return bytes
  }
}

/// The layout of `tree` fails with `message`.
func expectProblem(_ tree: FileTree, _ message: String, _ place: SourceLocation = #_sourceLocation) {
  #expect(sourceLocation: place) {
    try Ext4Layout(tree, options: .test(.bytes(64 << 20)))
  } throws: { error in
    (error as? Ext4Error)?.description == message
  }
}
