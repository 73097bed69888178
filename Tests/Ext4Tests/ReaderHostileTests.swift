import Bytes
import FileTree
import Storage
import SystemPackage
import TestSupport
import Testing

@testable import Ext4

/// A file system that contradicts itself, and what the reader must say of it.
private struct Hostile: Sendable, CustomTestStringConvertible {
  let testDescription: String
  /// What debugfs does to a file system with the file `f`, the folders `a` and `a/b`, and the link `s`.
  var commands: [String] = []
  /// Bytes of the image to be replaced where they first occur.
  var replace: (old: String, new: [UInt8])?
  /// A part of the error's text; nil if the file system can be read all the same.
  let error: String?

  static let all = [
    Hostile(testDescription: "nothing wrong", error: nil),
    Hostile(testDescription: "a folder within itself", commands: ["ln a a/b/up"], error: "two names"),
    Hostile(
      testDescription: "the root within itself", commands: ["ln <2> a/b/root"],
      error: "inode 2: a directory with two names"),
    Hostile(testDescription: "a folder with two parents", commands: ["mkdir c", "ln a/b c/b"], error: "two names"),
    Hostile(testDescription: "a folder twice in its parent", commands: ["ln a twin"], error: "two names"),
    Hostile(
      testDescription: "a name for the journal", commands: ["ln <8> journal"], error: "inode 8: named, but reserved"),
    Hostile(
      testDescription: "a name for no inode", commands: ["ln <100> ghost"], error: "inode 100: named, but deleted"),
    Hostile(
      testDescription: "a name past all inodes", commands: ["ln f far"], replace: ("far", []), error: "there are only"),
    Hostile(
      testDescription: "a name with a slash", commands: ["ln f na_me"], replace: ("na_me", Array("na/me".utf8)),
      error: "name na/me"),
    Hostile(
      testDescription: "a name with NUL", commands: ["ln f na_me"], replace: ("na_me", [0x6E, 0, 0x6D]),
      error: "name n%00m"),
    Hostile(
      testDescription: "a name twice", commands: ["ln f twin1", "ln f twin2"], replace: ("twin2", Array("twin1".utf8)),
      error: "name twin1 twice"),
    Hostile(testDescription: "a file of 8 EiB", commands: ["sif f size 0x7FFFFFFFFFFFFFFF"], error: "size of"),
    Hostile(testDescription: "an extent past the end", commands: ["sif f block[5] 99999999"], error: "block 99999999"),
    Hostile(testDescription: "an extent over the superblock", commands: ["sif f block[5] 0"], error: "block 0"),
    Hostile(
      testDescription: "extents that overlap",
      commands: ["sif f block[0] 0x2F30A", "sif f block[6] 0", "sif f block[7] 1", "sif f block[8] 500"],
      error: "out of order"),
    Hostile(
      testDescription: "more extents than there is room for", commands: ["sif f block[0] 0x9F30A"],
      error: "9 extents with room for 4"),
    Hostile(testDescription: "an extent tree of six levels", commands: ["sif f block[1] 0x60004"], error: "depth 6"),
    Hostile(
      testDescription: "an extent tree that ends early",
      commands: ["sif f block[1] 0x10004", "sif f block[4] 40", "sif f block[5] 0"],
      error: "no extent tree"),
    Hostile(testDescription: "a link to nowhere", commands: ["sif s size 0"], error: "symbolic link of 0 bytes"),
    Hostile(
      testDescription: "a link of 5000 bytes", commands: ["sif s size 5000"], error: "symbolic link of 5000 bytes"),
    Hostile(
      testDescription: "a link that is too long for its inode", commands: ["sif s size 100"], error: "without its block"
    ),
    Hostile(testDescription: "a folder of half a block", commands: ["sif a size 500"], error: "part of a block"),
    Hostile(testDescription: "a folder with a hole", commands: ["sif a size 8192"], error: "with holes"),
    Hostile(testDescription: "an encrypted file", commands: ["sif f flags 0x80800"], error: "encrypted files (inode"),
    Hostile(testDescription: "a journal to replay", commands: ["feature needs_recovery"], error: nil),
    Hostile(testDescription: "compression", commands: ["feature compression"], error: "feature compression"),
    Hostile(
      testDescription: "a journal device", commands: ["ssv feature_incompat 0x24A"], error: "feature journal_dev"),
    Hostile(
      testDescription: "an unknown feature", commands: ["ssv feature_incompat 0x40000242"], error: "incompat 0x40000000"
    ),
    Hostile(
      testDescription: "more blocks than the image has", commands: ["ssv blocks_count 3000"], error: "superblock"),
    Hostile(testDescription: "attributes at block 0", commands: ["sif f file_acl 99999"], error: "block 99999"),
    Hostile(
      testDescription: "attributes that are none", commands: ["sif f file_acl 40"],
      error: "not a block of extended attributes"),
  ]
}

@Suite struct `The reader and hostile images` {
  @Test(.enabled(if: Tool.arePresent("mke2fs", "debugfs"), "e2fsprogs is not installed"), arguments: Hostile.all)
  private func `say what is wrong and where`(_ hostile: Hostile) async throws {
    let folder = try TemporaryFolder()
    let image = folder.appending("image")
    let make = try await Tool.run(
      "mke2fs",
      [
        "-q", "-F", "-t", "ext4", "-b", "1024", "-O", "^metadata_csum,^has_journal,^64bit,^resize_inode", image.string,
        "2048k",
      ])
    try #require(make.status == 0, "\(make.output)")
    let content = folder.appending("content")
    let script = folder.appending("script")
    let commands = ["write \(content) f", "mkdir a", "mkdir a/b", "symlink s target"] + hostile.commands
    for (path, bytes) in [
      (content, [UInt8](repeating: 1, count: 3000)), (script, Array(commands.joined(separator: "\n").utf8)),
    ] {
      let file = try FileDescriptor.open(path, .writeOnly, options: [.create], permissions: .ownerReadWrite)
      try file.closeAfter { _ = try file.writeAll(bytes) }
    }
    let debugfs = try await Tool.run("debugfs", ["-w", "-f", script.string, image.string])
    try #require(debugfs.status == 0, "\(debugfs.output)")
    let file = try FileSource(image)
    var bytes = try file.read(at: 0, count: file.size)
    if let (old, new) = hostile.replace {
      let place = try #require(bytes.firstRange(of: Array(old.utf8))).lowerBound
      // Eight bytes before a name stands its inode.
      if new.isEmpty { bytes.store(le: UInt32(70_000), at: place - 8) } else { bytes.store(new, at: place) }
    }
    do throws(Ext4Error) {
      let tree = try Ext4Reader(MemorySource(bytes)).tree()
      #expect(hostile.error == nil)
      #expect(tree.ids.count >= 6)
    } catch {
      #expect(hostile.error.map { error.description.contains($0) } == true, "\(error)")
    }
  }
}
