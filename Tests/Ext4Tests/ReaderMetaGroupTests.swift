import Bytes
import FileTree
import Storage
import SystemPackage
import TestSupport
import Testing

@testable import Ext4

@Suite struct `The reader and descriptors in metagroups` {
  /// Online growth leaves the first descriptors where they were and puts new ones into metagroups: s_first_meta_bg says
  /// which. Here a plain file system of three blocks of descriptors is made one whose last two are in metagroups.
  @Test(.enabled(if: Tool.arePresent("mke2fs"), "e2fsprogs is not installed"))
  func `finds those after the first`() async throws {
    let folder = try TemporaryFolder()
    let golden = GoldenImage(
      name: "small",
      options: ["-b", "1024", "-g", "1024", "-O", "^metadata_csum,^flex_bg,^resize_inode,^64bit,^has_journal"],
      size: 72 << 20, isSmall: true)
    let image = try await golden.make(in: folder)
    let whole = try lines(of: Ext4Reader(FileSource(image)).tree())
    let source = try FileSource(image)
    var start = try source.read(at: 0, count: 8192)
    let file = try FileDescriptor.open(image, .writeOnly)
    try file.closeAfter {
      for index in [1, 2] {
        // 32 descriptors to a block, 1024 blocks to a group. Groups 32 and 64 have no copy of the superblock: their first
        // block is a bitmap here, which a reader does not need.
        let block = Array(start[(2 + index) * 1024..<(3 + index) * 1024])
        _ = try file.writeAll(toAbsoluteOffset: Int64(1 + index * 32 * 1024) * 1024, block)
        start.store([UInt8](repeating: 0xFF, count: 1024), at: (2 + index) * 1024)
      }
      start.store(le: start.span.le(1024 + 0x60, as: UInt32.self) | 0x10, at: 1024 + 0x60)
      start.store(le: UInt32(1), at: 1024 + 0x104)
      _ = try file.writeAll(toAbsoluteOffset: 0, start)
    }
    let reader = try Ext4Reader(FileSource(image))
    #expect(reader.superblock.groupCount == 72 && reader.superblock.firstMetaGroup == 1)
    try expectSame(lines(of: reader.tree()), whole)
    if let theirs = try await kernelLines(image) { try expectSame(whole, theirs) }
  }
}
