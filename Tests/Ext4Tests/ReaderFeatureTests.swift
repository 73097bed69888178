import Bytes
import FileTree
import Storage
import SystemPackage
import TestSupport
import Testing

@testable import Ext4

private let canMake = Tool.arePresent("mke2fs", "debugfs", "e2fsck")

@Suite(.serialized) struct `The reader and the features of ext4` {
  @Test(.enabled(if: canMake, "e2fsprogs is not installed"), arguments: GoldenImage.all)
  func `reads what the kernel reads`(_ golden: GoldenImage) async throws {
    let folder = try TemporaryFolder()
    let image = try await golden.make(in: folder)
    let reader = try Ext4Reader(FileSource(image))
    let ours = try lines(of: reader.tree())
    #expect(ours.count == golden.nameCount)
    if let theirs = try await kernelLines(image) {
      try expectSame(ours, theirs)
      return
    }
    // This kernel does not mount it: then it must be the tree of the plain image, which the kernel has proved.
    let plain = try TemporaryFolder()
    let plainImage = try await GoldenImage(name: golden.name, options: []).make(in: plain)
    try expectSame(withoutRoots(ours), withoutRoots(lines(of: Ext4Reader(FileSource(plainImage)).tree())))
  }

  @Test(.enabled(if: canMake, "e2fsprogs is not installed"), arguments: GoldenImage.all)
  func `tells what dumpe2fs tells`(_ golden: GoldenImage) async throws {
    let folder = try TemporaryFolder()
    let image = folder.appending("image")
    let uuid = "01234567-89ab-cdef-0123-456789abcdef"
    let options = golden.options + ["-U", uuid, "-L", "rootfs"]
    let make = try await Tool.run(
      "mke2fs", ["-q", "-F", "-t", "ext4"] + options + [image.string, "\(golden.size / 1024)k"])
    try #require(make.status == 0, "\(make.output)")
    let dump = try await Tool.run("dumpe2fs", ["-h", image.string])
    var fields: [String: String] = [:]
    for line in dump.output.split(separator: "\n") {
      guard let colon = line.firstIndex(of: ":") else { continue }
      fields[String(line[..<colon])] = line[line.index(after: colon)...].drop { $0.isWhitespace }.description
    }
    let superblock = try Ext4Reader(FileSource(image)).superblock
    #expect(superblock.uuid.description == uuid)
    #expect(superblock.label == Array("rootfs".utf8))
    #expect(
      superblock.featureNames.sorted() == fields["Filesystem features"]?.split(separator: " ").map(String.init).sorted()
    )
    let numbers = [
      ("Inode count", superblock.inodeCount), ("Block count", superblock.blockCount),
      ("Free blocks", superblock.freeBlockCount), ("Free inodes", superblock.freeInodeCount),
      ("Reserved block count", superblock.reservedBlockCount), ("First block", superblock.firstDataBlock),
      ("Block size", superblock.blockSize), ("Blocks per group", superblock.blocksPerGroup),
      ("Inodes per group", superblock.inodesPerGroup), ("Inode size", superblock.inodeSize),
    ]
    for (name, number) in numbers { #expect(fields[name] == "\(number)", "\(name)") }
    #expect(Int(fields["Reserved GDT blocks"] ?? "0") == superblock.reservedDescriptorBlocks)
    #expect(Int(fields["Group descriptor size"] ?? "32") == superblock.descriptorSize)
    #expect(Int(fields["Flex block group size"] ?? "1") == superblock.groupsPerFlex)
    #expect(Int(fields["Journal inode"] ?? "0") == Int(superblock.journalInode))
    if let seed = fields["Directory Hash Seed"] { #expect(superblock.hashSeed.description == seed) }
  }

  /// `lines` without those of the root and lost+found, whose sizes and owners are mke2fs's.
  private func withoutRoots(_ lines: [ArraySlice<UInt8>]) -> [ArraySlice<UInt8>] {
    lines.filter { line in
      !["{\"path\":\"/\"", "{\"path\":\"/lost"].contains { line.starts(with: $0.utf8) }
    }
  }
}
