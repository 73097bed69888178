import Bytes
import FileTree
import Storage
import TestSupport
import Testing

import struct SystemPackage.FilePath

@testable import Ext4

@Suite(.enabled(if: Tool.arePresent("e2fsck", "mke2fs"), "e2fsprogs is not installed"))
struct WriterRoundTripTests {
  @Test func `what mke2fs wrote comes back the same`() async throws {
    let folder = try TemporaryFolder()
    let script = """
      set -e; mkdir -p $1/tree/etc/deep/er; cd $1/tree
      for i in $(seq 500); do echo $i > etc/file-with-a-name-$i; done
      ln etc/file-with-a-name-1 etc/deep/same; ln -s ../etc link; mkfifo fifo; chmod 4711 etc/file-with-a-name-2
      truncate -s 1M hole; dd if=/dev/urandom of=random bs=1M count=3 status=none
      touch -d @-1.5 old; touch -d @9000000000.123456789 new
      mke2fs -q -t ext4 -b 4096 -d $1/tree $1/stock.img 64M
      """
    let made = try await Tool.run("/bin/bash", ["-c", script, "make", folder.path.string])
    try #require(made.status == 0, "\(made.output)")
    let tree = try Ext4Reader(FileSource(folder.appending("stock.img"))).tree()
    try await expectRoundTrip(of: tree, .test(.bytes(64 << 20)))
  }

  @Test(arguments: [[], ["--fs", "modern"], ["--fs", "inline"], ["--fs", "ino128"], ["--fs", "noextent"]])
  func `an image in the shape of Raspberry Pi OS comes back the same`(_ variant: [String]) async throws {
    let disk = try FileSource(try await Fixture.image(variant + ["tiny"]))
    let entry = try disk.read(at: 446 + 16, count: 16)
    let start = Int(entry.span.le(8, as: UInt32.self)) * 512
    let partition = try WindowSource(disk, range: start..<start + Int(entry.span.le(12, as: UInt32.self)) * 512)
    let tree = try Ext4Reader(partition).tree()
    try await expectRoundTrip(of: tree, .test(.minimum(free: 50 << 20)))
  }

  private func expectRoundTrip(of tree: FileTree, _ options: Ext4Options) async throws {
    let image = try WrittenImage(tree, options)
    try await image.expectClean()
    let again = try Ext4Reader(image.source).tree()
    let whole = tree.find("lost+found") == nil ? tree.withLostAndFound : tree
    let readsLost = again.find("lost+found") != nil
    try expectSame(try lines(of: again), try lines(of: readsLost ? whole : tree))
    for (before, after) in zip(TreeWalk(readsLost ? whole : tree), TreeWalk(again)) {
      guard let left = tree[before.id], let right = again[after.id] else { continue }
      let same =
        before.id == after.id && left.accessed == right.accessed && left.changed == right.changed
        && left.flags == right.flags && (left.created ?? right.created) == right.created
      guard same else {
        Issue.record("\(before.path.escaped): \(before.id) \(left)\nagain: \(after.id) \(right)")
        break
      }
    }
  }
}
