import Bytes
import FileTree
import Storage
import TestSupport
import Testing

@testable import Ext4

@Suite(.enabled(if: Tool.arePresent("e2fsck", "debugfs"), "e2fsprogs is not installed"))
struct WriterDirectoryTests {
  @Test(arguments: [1, 253, 254, 255, 256, 30000])
  func `a directory of any size is clean, and the kernel finds every name`(count: Int) async throws {
    var tree = FileTree.empty
    tree.addFolder("d", of: (0..<count).map { Array("entry-\($0)".utf8) })
    let image = try WrittenImage(tree)
    try await image.expectClean()
    try await image.expectMountsAs(tree.withLostAndFound)
  }

  @Test func `a directory of two levels is clean, and the kernel finds every name`() async throws {
    var tree = FileTree.empty
    // Twelve to a leaf, so that 507 leaves are not enough.
    let tail = [UInt8](repeating: 0x78, count: 240)
    tree.addFolder("d", of: (0..<7000).map { Array("\($0)-".utf8) + tail })
    let image = try WrittenImage(tree, .test(.bytes(128 << 20)))
    try await image.expectClean()
    #expect(try await image.debugfs("htree_dump /d").contains("Indirect levels: 1"))
    try await image.expectMountsAs(tree.withLostAndFound)
  }

  /// Two names of one hash (found by trying, under the seed of `Ext4Options.test`) as the last of one leaf and the
  /// first of the next.
  @Test(arguments: [("10084", "19288"), ("204", "66966"), ("29183", "84361")])
  func `names of one hash may lie in two leaves`(first: String, second: String) async throws {
    let seed = DirectoryHash.Seed(Ext4Options.test(.bytes(0)).hashSeed)
    let hash = DirectoryHash(first.utf8, seed: seed).major
    #expect(hash == DirectoryHash(second.utf8, seed: seed).major)
    // Leaves are filled to 80 % of 4084 bytes: 204 entries of 16 bytes each. 203 come before the first name.
    let others = (0..<2000).map { "f\($0 + 1000)" }
    let before = others.filter { DirectoryHash($0.utf8, seed: seed).major < hash }.prefix(203)
    let after = others.filter { DirectoryHash($0.utf8, seed: seed).major > hash }.prefix(500)
    #expect(before.count == 203)

    var tree = FileTree.empty
    tree.addFolder("d", of: (before + after + [first, second]).map { Array($0.utf8) })
    let image = try WrittenImage(tree)
    try await image.expectClean()
    let continued = "0x" + String(hash | 1, radix: 16)
    #expect(try await image.debugfs("htree_dump /d").contains(continued))
    try await image.expectMountsAs(tree.withLostAndFound)
  }

  @Test(arguments: [(1, 0), (507, 0), (508, 1), (510, 1), (511, 2), (258_570, 507), (258_571, nil)] as [(Int, Int?)])
  func `the index has at most two levels`(leaves: Int, nodes: Int?) {
    #expect(HashTree.innerNodes(leaves: leaves) == nodes)
  }

  @Test func `deep folders`() async throws {
    var tree = FileTree.empty
    var here = tree.root
    for depth in 0..<500 { here = tree.add("d\(depth % 10)", .folder(), in: here) }
    tree.add("end", .file("deep"), in: here)
    let image = try WrittenImage(tree)
    try await image.expectClean()
    try await image.expectMountsAs(tree.withLostAndFound)
  }

  @Test func `lost+found keeps its owner, mode and files, and gets inode 11`() async throws {
    var tree = FileTree.empty
    let lost = tree.add("lost+found", .folder(mode: 0o750).with { $0.uid = 5 })
    tree.add("#12", .file("found"), in: lost)
    let image = try WrittenImage(tree)
    try await image.expectClean()
    let stat = try await image.debugfs("stat lost+found")
    #expect(stat.contains("Inode: 11 "))
    #expect(stat.contains("Size: 16384"))
    try await image.expectMountsAs(tree)
  }
}
