import Bytes
import FileTree
import Glibc
import Storage
import TestSupport
import Testing

@testable import Ext4

/// Layouts of trees that were made from one base.
@Suite(.enabled(if: Tool.arePresent("e2fsck", "debugfs", "dumpe2fs"), "e2fsprogs is not installed"))
struct WriterSharedTests {
  /// Options of a base: a seed of its own, so that nodes can have UUIDs of their own.
  static func options(_ size: Ext4Options.Size) -> Ext4Options {
    var options = Ext4Options.test(size)
    options.checksumSeed = UUID(name: "seed", in: .pibake)
    options.blockSource = WriterContentTests.source
    return options
  }

  static let nodeUUID = UUID(name: "node", in: .pibake)

  /// One of everything, with directories of one block and of many.
  static let base: FileTree = {
    var tree = WriterTests.variety
    tree.addFolder("big", of: (0..<3000).map { Array("entry-\($0)".utf8) })
    tree.addFolder("small", of: (0..<100).map { Array("entry-\($0)".utf8) })
    for index in 0..<40 {
      let size = index * 3001
      let extent = FileExtent(offset: 0, sourceOffset: index * 8192, count: size)
      tree.add("content-\(index)", .file(FileContent(size: size, source: WriterContentTests.source, extent: extent)))
    }
    tree.add("pieces", WriterContentTests.sparse(600 * 8192, (0..<600).map { ($0 * 8192 + 4096, 4096) }))
    let attributes = [WriterXattrTests.attribute("user.far", 3000)]
    tree.add("attributes", .file("x").with { $0.xattrs = attributes })
    return tree
  }()

  /// The image of `tree` made from `base`, after all that must be true of it was asked.
  @discardableResult
  private func expectShares(
    _ tree: FileTree, _ base: Ext4Base, mounts: Bool = false, _ place: SourceLocation = #_sourceLocation
  ) async throws -> Ext4Layout {
    let layout = try Ext4Layout(tree, uuid: Self.nodeUUID, sharing: base)
    let image = try WrittenImage(layout)
    try await image.expectClean(place)
    let whole = tree.find("lost+found") == nil ? tree.withLostAndFound : tree
    try expectSame(try lines(of: Ext4Reader(image.source).tree()), try lines(of: whole), place)
    if mounts { try await image.expectMountsAs(whole, place) }

    let superblock = try Ext4Reader(image.source).superblock
    #expect(superblock.freeBlockCount == layout.statistics.freeBlocks, sourceLocation: place)
    #expect(superblock.uuid == Self.nodeUUID, sourceLocation: place)
    try Self.expectDiffersOnly(in: layout.differences, layout, base.layout, place)
    return layout
  }

  /// Outside of `ranges` two layouts hold the same bytes, and inside of each block of them some byte is another.
  private static func expectDiffersOnly(
    in ranges: [Range<Int>], _ layout: Ext4Layout, _ base: Ext4Layout, _ place: SourceLocation
  ) throws {
    let (left, right) = (try layout.bytes(), try base.bytes())
    #expect(left.count == right.count, sourceLocation: place)
    let count = min(left.count, right.count)
    var differing: [Int] = []
    left.withUnsafeBytes { left in
      right.withUnsafeBytes { right in
        guard let left = left.baseAddress, let right = right.baseAddress else { return }
        for start in stride(from: 0, to: count, by: 4096) where memcmp(left + start, right + start, 4096) != 0 {
          differing.append(start)
        }
      }
    }
    let allowed = ranges.flatMap { Array(stride(from: $0.lowerBound, to: $0.upperBound, by: 4096)) }
    #expect(Set(differing).isSubset(of: allowed), sourceLocation: place)
    #expect(zip(ranges, ranges.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound }, sourceLocation: place)
    #expect(ranges.allSatisfy { $0.lowerBound % 4096 == 0 && $0.upperBound % 4096 == 0 && !$0.isEmpty })
  }

  @Test func `a tree without edits differs in the superblocks alone`() async throws {
    let base = try Ext4Base(Self.base, options: Self.options(.bytes(40 << 20)))
    let layout = try await expectShares(Self.base, base, mounts: true)
    #expect(layout.differences == [0..<4096])
  }

  @Test func `a file more, and one less, cost few blocks`() async throws {
    let base = try Ext4Base(Self.base, options: Self.options(.bytes(100 << 20)))
    var tree = Self.base
    tree.add("new", .file("own\n"))
    let more = try await expectShares(tree, base, mounts: true)
    // Superblock, descriptors, both bitmaps, a block of inodes, the root's block, the content.
    #expect(more.differences.reduce(0) { $0 + $1.count } == 7 * 4096)
    try tree.remove(TreePath("content-3"))
    try tree.remove(TreePath("new"))
    let less = try await expectShares(tree, base, mounts: true)
    #expect(less.differences.reduce(0) { $0 + $1.count } == 6 * 4096)
  }

  @Test func `names in a large directory change the leaves that they lie in`() async throws {
    let base = try Ext4Base(Self.base, options: Self.options(.bytes(100 << 20)))
    var tree = Self.base
    let big = try #require(tree.find("big"))
    tree.add("one-more", .file(""), in: big)
    let layout = try await expectShares(tree, base, mounts: true)
    // Superblock, descriptors, the inodes' bitmap and block, one leaf.
    #expect(layout.differences.reduce(0) { $0 + $1.count } <= 6 * 4096)
    for name in 0..<2000 { tree.add("another-\(name)", .file(""), in: big) }
    try await expectShares(tree, base, mounts: true)
    for name in 0..<3000 { try tree.remove(try #require(TreePath("big/entry-\(name)"))) }
    try await expectShares(tree, base, mounts: true)
  }

  @Test func `what does not fit after the base takes what the base had`() async throws {
    var tree = FileTree.empty
    let content = WriterContentTests.sparse(1 << 20, [(0, 1 << 20)])
    for index in 0..<60 { tree.add("f\(index)", content) }
    let base = try Ext4Base(tree, options: Self.options(.minimum(free: 2 << 20)))
    for index in 0..<60 {
      try tree.remove(try #require(TreePath("f\(index)")))
      tree.add("g\(index)", content)
    }
    try await expectShares(tree, base, mounts: true)
    for index in 60..<70 { tree.add("g\(index)", content) }
    #expect {
      try Ext4Layout(tree, uuid: Self.nodeUUID, sharing: base)
    } throws: { error in
      guard case .layout(.tooSmall(base.size, _))? = error as? Ext4Error else { return false }
      return true
    }
  }

  @Test func `a tree of another making, and one with more inodes, are whole too`() async throws {
    let base = try Ext4Base(Self.base, options: Self.options(.bytes(64 << 20)))
    try await expectShares(WriterTests.variety, base, mounts: true)
    var tree = Self.base
    tree.addFolder("more", of: (0..<9000).map { Array("\($0)".utf8) })
    let layout = try await expectShares(tree, base)
    #expect(layout.differences == [0..<64 << 20])
    var lost = FileTree.empty
    lost.add("#12", .file("found"), in: lost.add("lost+found", .folder(mode: 0o750)))
    try await expectShares(lost, base)
  }

  @Test func `an inode that becomes another type is that in every directory`() async throws {
    var tree = Self.base
    let shared = try #require(tree.find("small/entry-7"))
    tree.link("also", to: shared)
    let base = try Ext4Base(tree, options: Self.options(.bytes(64 << 20)))
    tree[shared] = .symlink(9)
    try await expectShares(tree, base, mounts: true)
    tree[shared] = .symlink(900)
    try await expectShares(tree, base, mounts: true)
  }

  @Test func `the seed of checksums is known to others`() async throws {
    let base = try Ext4Base(Self.base, options: Self.options(.bytes(300 << 20)))
    let image = try WrittenImage(try Ext4Layout(Self.base, uuid: Self.nodeUUID, sharing: base))
    let text = try await Tool.run("dumpe2fs", ["-h", image.name]).output
    #expect(text.contains("metadata_csum metadata_csum_seed") || text.contains("metadata_csum_seed"), "\(text)")
    let seed = CRC32C.of(UUID(name: "seed", in: .pibake).bytes, seed: ~0)
    #expect(text.contains("Checksum seed:            0x" + String(seed, radix: 16)), "\(text)")
    #expect(text.contains("Filesystem UUID:          \(Self.nodeUUID)"))
    // The copies serve for recovery, with the file system's own name.
    let copy = try await Tool.run("dumpe2fs", ["-h", "-o", "superblock=32768", "-o", "blocksize=4096", image.name])
      .output
    #expect(copy.contains("Filesystem UUID:          \(Self.nodeUUID)"), "\(copy)")
    let recovered = try await Tool.run("e2fsck", ["-fy", "-b", "32768", "-B", "4096", image.name])
    #expect([0, 1].contains(recovered.status), "\(recovered.output)")
    try await image.expectClean()
    try expectSame(try lines(of: Ext4Reader(image.source).tree()), try lines(of: Self.base.withLostAndFound))
  }

  @Test(arguments: [128 << 20, 64 << 30])
  func `it grows offline`(size: Int) async throws {
    let base = try Ext4Base(Self.base, options: Self.options(.bytes(64 << 20)))
    var tree = Self.base
    tree.add("new", .file("own\n"))
    let image = try WrittenImage(try Ext4Layout(tree, uuid: Self.nodeUUID, sharing: base))
    #expect(try await Tool.run("truncate", ["-s", "\(size)", image.name]).status == 0)
    let result = try await Tool.run("resize2fs", [image.name])
    #expect(result.status == 0, "\(result.output)")
    try await image.expectClean()
    try await image.expectMountsAs(tree.withLostAndFound)
  }

  @Test func `whatever the edits, the file system is clean and holds the tree`() async throws {
    let base = try Ext4Base(Self.base, options: Self.options(.bytes(64 << 20)))
    let seed = Fuzzing.seed(1)
    for round in 0..<Fuzzing.rounds(12) {
      var edits = RandomEdits(seed: seed + UInt64(round))
      var tree = Self.base
      for _ in 0..<(1 << (round % 8)) { edits.edit(&tree) }
      let layout = try await expectShares(tree, base)
      // The same, whatever was laid out before.
      let again = try Ext4Layout(tree, uuid: Self.nodeUUID, sharing: Ext4Base(Self.base, options: base.options))
      #expect(try SHA256.of(again.bytes()) == SHA256.of(layout.bytes()), "seed \(seed) round \(round)")
    }
  }
}

extension Ext4Layout {
  /// All bytes.
  fileprivate func bytes() throws -> [UInt8] {
    var bytes: [UInt8] = []
    for run in runs {
      switch run {
      case .zeros(let count): bytes.append(contentsOf: [UInt8](repeating: 0, count: count))
      case .bytes(let part): bytes += part
      case .source(let source, let offset, let count): bytes += try source.read(at: offset, count: count)
      }
    }
    return bytes
  }
}
