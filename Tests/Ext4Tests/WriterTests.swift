import Bytes
import FileTree
import Storage
import TestSupport
import Testing

@testable import Ext4

@Suite(.enabled(if: Tool.arePresent("e2fsck", "debugfs", "dumpe2fs"), "e2fsprogs is not installed"))
struct WriterTests {
  /// One of everything.
  static var variety: FileTree {
    var tree = FileTree.empty
    let etc = tree.add("etc", .folder(mode: 0o2755))
    let hostname = tree.add("hostname", .file("pi\n"), in: etc)
    tree.link("hostname-too", to: hostname, in: etc)
    tree.add("empty", .file(""))
    tree.add("block", .file([UInt8](repeating: 7, count: 4096)))
    tree.add("more", .file([UInt8](repeating: 8, count: 4097), mode: 0o4755))
    for count in [1, 59, 60, 61, 4095] { tree.add("link\(count)", .symlink(count)) }
    for (name, major, minor) in [("null", 1, 3), ("old", 255, 255), ("new", 256, 0), ("most", 4095, 1_048_575)] {
      let device = DeviceNumber(major: UInt32(major), minor: UInt32(minor))
      tree.add("char-\(name)", Inode(mode: 0o666, time: someTime, body: .characterDevice(device)))
      tree.add("block-\(name)", Inode(mode: 0o660, time: someTime, body: .blockDevice(device)))
    }
    tree.add("fifo", Inode(mode: 0o600, time: someTime, body: .fifo))
    tree.add("socket", Inode(mode: 0o755, time: someTime, body: .socket))
    tree.add(
      "owned",
      .file("x").with {
        $0.uid = 4_000_000_000; $0.gid = 70000
      })
    tree.add(String(repeating: "n", count: 255), .file("longest name"))
    tree.add("Ünïcödé", .file("é"))
    return tree
  }

  @Test func `a tree of everything is clean, and the kernel sees what it says`() async throws {
    let image = try WrittenImage(Self.variety)
    try await image.expectClean()
    try await image.expectMountsAs(Self.variety.withLostAndFound)
  }

  @Test func `inodes keep their numbers, but not those that ext4 keeps for itself`() async throws {
    var tree = FileTree.empty
    for number: UInt32 in [3, 11, 12, 700, 30000] {
      tree[InodeID(number)] = .file("inode \(number)")
      tree.link("f\(number)", to: InodeID(number))
    }
    let image = try WrittenImage(tree)
    try await image.expectClean()
    let numbers = ["f3": 30002, "f11": 30003, "f12": 12, "f700": 700, "f30000": 30000, "lost+found": 11]
    for (name, number) in numbers.sorted(by: { $0.key < $1.key }) {
      #expect(try await image.debugfs("stat \(name)").contains("Inode: \(number) "), "\(name)")
    }
    try await image.expectMountsAs(tree.withLostAndFound)
  }

  @Test func `numbers far apart do not make large tables`() async throws {
    var tree = FileTree.empty
    for number: UInt32 in [12, 20_000_000, 30_000_000] {
      tree[InodeID(number)] = .file("inode \(number)")
      tree.link("f\(number)", to: InodeID(number))
    }
    let image = try WrittenImage(tree)
    try await image.expectClean()
    #expect(image.layout.statistics.inodes == 4096)
    try await image.expectMountsAs(tree.withLostAndFound)
  }
}

extension FileTree {
  /// The tree as it lies on the disk if it has no lost+found itself.
  var withLostAndFound: FileTree {
    var tree = self
    tree.add("lost+found", .folder(mode: 0o700))
    return tree
  }
}
