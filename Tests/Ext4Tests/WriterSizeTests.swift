import Bytes
import FileTree
import Storage
import TestSupport
import Testing

@testable import Ext4

@Suite(.enabled(if: Tool.arePresent("e2fsck", "dumpe2fs", "resize2fs"), "e2fsprogs is not installed"))
struct WriterSizeTests {
  static let mebibyte = 1 << 20
  static let group = 128 << 20

  @Test(arguments: [
    6 * mebibyte, 8 * mebibyte, 64 * mebibyte, group - 4096, group, group + 4096, group + 2 * mebibyte,
    group + 7 * mebibyte, 2 * group - 1, 16 * group, 16 * group + mebibyte, 16 * group + 40 * mebibyte,
    17 * group + 5000,
    26 * group, 100 * group + 12345, 64 << 30,
  ])
  func `a file system of any size is clean`(size: Int) async throws {
    var tree = FileTree.empty
    tree.add("f", .file([UInt8](repeating: 1, count: 100_000)))
    let image = try WrittenImage(tree, .test(.bytes(size)))
    #expect(image.layout.runs.reduce(0) { $0 + $1.count } == size)
    try await image.expectClean()
    let statistics = image.layout.statistics
    let superblock = try Ext4Reader(image.source).superblock
    #expect(superblock.blockCount == statistics.blocks)
    #expect(superblock.freeBlockCount == statistics.freeBlocks)
    #expect(statistics.blocks <= size / 4096)
    // What mke2fs leaves out is a group too small for a few files.
    #expect(size / 4096 - statistics.blocks < 2000)
  }

  @Test(arguments: [true, false])
  func `the smallest size is just enough`(journal: Bool) async throws {
    let tree = WriterTests.variety
    let options = Ext4Options.test(.minimum(free: 0), journal: journal)
    let size = try Ext4Layout.minimumSize(tree, options: options)
    let image = try WrittenImage(tree, options)
    #expect(image.layout.statistics.blocks * 4096 == size)
    try await image.expectClean()
    try await image.expectMountsAs(tree.withLostAndFound)
    expectTooSmall(tree, size: size - 1, needed: size, journal: journal)
  }

  @Test(arguments: [0, 1, 4096, 4097, 1 << 20, 150 << 20, 3 << 30])
  func `the smallest size with space has that space`(free: Int) async throws {
    var tree = FileTree.empty
    tree.add("f", .file([UInt8](repeating: 1, count: 100_000)))
    let image = try WrittenImage(tree, .test(.minimum(free: free)))
    #expect(image.layout.statistics.freeBlocks * 4096 >= free)
    #expect(image.layout.statistics.freeBlocks * 4096 < free + 8 << 20)
    try await image.expectClean()
  }

  @Test func `too small says what is needed, and that is enough`() throws {
    var tree = FileTree.empty
    let content = MemorySource([UInt8](repeating: 5, count: 1 << 20))
    let extents = (0..<300).map { FileExtent(offset: $0 << 20, sourceOffset: 0, count: 1 << 20) }
    tree.add("f", .file(FileContent(size: 300 << 20, source: content, extents: extents)))
    for size in [0, 4096, 1 << 20, 100 << 20, 300 << 20, 310 << 20] {
      do throws(Ext4Error) {
        _ = try Ext4Layout(tree, options: .test(.bytes(size)))
        Issue.record("\(size) bytes cannot be enough")
      } catch {
        guard case .layout(.tooSmall(size, let needed)) = error else {
          Issue.record("\(error)")
          continue
        }
        #expect(needed > size)
        #expect(throws: Never.self) { try Ext4Layout(tree, options: .test(.bytes(needed))) }
      }
    }
  }

  @Test func `more than 16 TiB is refused by name`() {
    #expect(throws: Ext4Error.self) { try Ext4Layout(.empty, options: .test(.bytes(17 << 40))) }
  }

  @Test func `the same tree and options give the same bytes`() throws {
    func digest() throws -> SHA256Digest {
      var sink = DigestSink()
      try sink.write(Ext4Layout(WriterTests.variety, options: .test(.bytes(64 << 20))).runs)
      return sink.finish()
    }
    #expect(try digest() == digest())
  }

  @Test func `the superblock says what was asked for`() async throws {
    let image = try WrittenImage(.empty)
    let text = try await Tool.run("dumpe2fs", ["-h", image.name]).output
    for line in [
      "Filesystem volume name:   rootfs",
      "Filesystem features:      has_journal ext_attr resize_inode dir_index filetype extent flex_bg sparse_super "
        + "large_file dir_nlink extra_isize metadata_csum",
      "Filesystem flags:         unsigned_directory_hash", "Filesystem state:         clean",
      "Reserved block count:     819", "First inode:              11", "Total journal size:       4096k",
      "Default mount options:    user_xattr acl", "Checksum type:            crc32c",
      "Journal backup:           inode blocks",
      "Filesystem UUID:          \(UUID(name: "fs", in: .pibake))",
    ] { #expect(text.contains(line), "\(line)\n\(text)") }
  }

  @Test(arguments: [128 << 20, 64 << 30])
  func `it grows offline`(size: Int) async throws {
    let image = try WrittenImage(WriterTests.variety)
    let file = image.name
    #expect(try await Tool.run("truncate", ["-s", "\(size)", file]).status == 0)
    let result = try await Tool.run("resize2fs", [file])
    #expect(result.status == 0, "\(result.output)")
    try await image.expectClean()
    try await image.expectMountsAs(WriterTests.variety.withLostAndFound)
  }

  @Test func `label and time of a file system have their limits`() {
    var options = Ext4Options.test(.bytes(64 << 20))
    options.label = "sixteen bytes ok"
    #expect(throws: Never.self) { try Ext4Layout(.empty, options: options) }
    options.label = "seventeen bytes !"
    #expect(throws: Ext4Error.self) { try Ext4Layout(.empty, options: options) }
    options = .test(.bytes(64 << 20))
    options.timestamp = Timestamp(seconds: -1)
    #expect(throws: Ext4Error.self) { try Ext4Layout(.empty, options: options) }
  }
}

/// The layout of `tree` in `size` bytes fails and asks for `needed`.
private func expectTooSmall(
  _ tree: FileTree, size: Int, needed: Int, journal: Bool, _ place: SourceLocation = #_sourceLocation
) {
  #expect(sourceLocation: place) {
    try Ext4Layout(tree, options: .test(.bytes(size), journal: journal))
  } throws: { error in
    guard case .layout(.tooSmall(size, needed))? = error as? Ext4Error else { return false }
    return true
  }
}
