import Bytes
import FileTree
import Glibc
import Storage
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import Ext4

@Suite struct `The reader and one wrong byte` {
  /// An image with all kinds of metadata and no checksums.
  private func handmade() -> [UInt8] {
    typealias Made = HandmadeImage
    var image = HandmadeImage()
    image.setJournal([Made.descriptor(7, [24]), [], Made.revocation(7, [25]), Made.commit(7)])
    let index = image.addBlock(Made.node(depth: 0, [(0, 1, 24), (2, 1, 26)], limit: 84))
    let deep = image.addInode()
    image.setInode(deep, mode: 0o100644, size: 3000, root: Made.node(depth: 1, [(0, 0, index)]))
    let pointers = image.addBlock([24, 0, 0, 0, 25, 0, 0, 0])
    let indirect = image.addInode()
    image.setInode(
      indirect, mode: 0o100644, size: 20_000, flags: 0,
      root: [UInt8](repeating: 0, count: 48) + [UInt8(pointers), 0, 0, 0])
    image.setXattrs(of: 12, Made.xattr("note", offset: 80, size: 8))
    let block = image.addBlock([0, 0, 2, 0xEA, 1, 0, 0, 0, 1, 0, 0, 0] + [UInt8](repeating: 0, count: 20))
    image.bytes.store(Made.xattr("other", offset: 1000, size: 20), at: block * 1024 + 32)
    image.setInode(13, 0x68, UInt32(block))
    let inline = image.addInode()
    image.setInode(inline, mode: 0o100644, size: 70, flags: 0x1000_0000, root: [1, 2, 3])
    image.setXattrs(of: inline, Made.xattr("data", index: 7, offset: 60, size: 20))
    let link = image.addInode()
    image.setInode(link, mode: 0o120777, size: 6, flags: 0, root: Array("target".utf8))
    image.setInode(link, 0x1C, UInt32(0))
    image.setSuperblock(0x60, UInt32(0x8046))
    image.setRoot(
      [.init("f", 12), .init("a", 13), .init("deep", deep), .init("indirect", indirect), .init("inline", inline)]
        + [.init("link", link), .init("hard", 12)])
    return image.bytes
  }

  @Test func `ends with a tree or an error without checksums`() throws {
    let image = handmade()
    let whole = try Ext4Reader(MemorySource(image)).tree()
    #expect(whole.ids.count == 8)
    let outcome = sweep(image, policy: ReadPolicy())
    #expect(outcome.trees > 1000 && outcome.errors > 1000)
  }

  @Test(
    .enabled(if: Tool.arePresent("mke2fs", "debugfs"), "e2fsprogs is not installed"), arguments: [true, false])
  func `ends with a tree or an error under checksums`(_ verifiesChecksums: Bool) async throws {
    let folder = try TemporaryFolder()
    let image = folder.appending("image")
    let make = try await Tool.run(
      "mke2fs",
      ["-q", "-F", "-t", "ext4", "-b", "1024", "-N", "16", "-O", "^has_journal,^resize_inode", image.string, "200k"])
    try #require(make.status == 0, "\(make.output)")
    let fill = try await Tool.run(
      "sh",
      [
        "-c", "printf 'mkdir a\\nsymlink s target\\nmknod n c 1 3\\nea_set a user.x y\\n' | debugfs -w \"$1\"", "sh",
        image.string,
      ])
    try #require(fill.status == 0, "\(fill.output)")
    let file = try FileSource(image)
    let outcome = sweep(
      try file.read(at: 0, count: file.size), policy: ReadPolicy(verifiesChecksums: verifiesChecksums))
    #expect(outcome.trees > 100 && outcome.errors > 100)
  }

  /// Reads `image` with each byte of its metadata changed in several ways.
  private func sweep(_ image: [UInt8], policy: ReadPolicy) -> (trees: Int, errors: Int) {
    let places = stride(from: 0, to: image.count, by: 32).filter { !image.span.extracting($0..<$0 + 32).isZero }
    let trees = Atomic<Int>(0)
    let errors = Atomic<Int>(0)
    parallel(places.count) { index in
      var damaged = image
      for place in places[index]..<places[index] + 32 {
        let right = image[place]
        for wrong in Set([0, 0xFF, right ^ 1, right ^ 0x80, right &+ 1, right &- 1]).subtracting([right]).sorted() {
          damaged[place] = wrong
          let start = processorTime()
          let tree = try? Ext4Reader(MemorySource(damaged), policy: policy).tree()
          let time = processorTime() - start
          if tree == nil { errors.add(1, ordering: .relaxed) } else { trees.add(1, ordering: .relaxed) }
          if time > 0.1 { Issue.record("\(time) s for \(wrong) at byte \(place)") }
        }
        damaged[place] = right
      }
    }
    return (trees.load(ordering: .relaxed), errors.load(ordering: .relaxed))
  }
}
