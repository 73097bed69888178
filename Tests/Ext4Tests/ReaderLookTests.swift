import FileTree
import Storage
import TestSupport
import Testing

@testable import Ext4

/// File systems of which no more is read than what is looked at.
@Suite(.enabled(if: Tool.arePresent("mke2fs"), "mke2fs is missing"))
struct ReaderLookTests {
  /// A file system with folders, links and a hard link, by mke2fs.
  private func image() async throws -> (folder: TemporaryFolder, source: FileSource) {
    let folder = try TemporaryFolder()
    let script = """
      cd '\(folder.path)'; mkdir -p t/etc/deep/er t/usr/lib/systemd t/many; ln -s usr/lib t/lib; ln -s ../etc/deep t/usr/way
      echo hello > t/etc/deep/er/file; echo unit > t/usr/lib/systemd/unit; ln t/etc/deep/er/file t/usr/again
      for i in $(seq 300); do mkdir t/many/$i; echo $i > t/many/$i/f; done
      truncate -s 16M image; mke2fs -q -t ext4 -d t image
      """
    let result = try await Tool.run("sh", ["-e", "-c", script])
    try #require(result.status == 0, "\(result.output)")
    return (folder, try FileSource(folder.appending("image")))
  }

  @Test func `a look finds what the whole tree has`() async throws {
    let (folder, source) = try await image()
    defer { withExtendedLifetime(folder) {} }
    let reader = try Ext4Reader(source)
    let whole = try reader.tree()
    let paths: [TreePath] = [
      "", "etc/deep/er/file", "lib/systemd/unit", "usr/way/er/file", "usr/again", "many/300/f", "no/such", "etc/deep",
      "lib", "many",
    ]
    for path in paths {
      let found = try reader.look { tree in tree.find(path) }
      #expect(found == whole.find(path), "\(path)")
      let names = try reader.look { tree in tree.find(path).flatMap { tree.directory($0) }?.map(\.name) }
      #expect(names == whole.find(path).flatMap { whole.directory($0) }?.map(\.name), "\(path)")
    }
    let walk = try reader.look { tree in TreeWalk(tree).map(\.path) }
    #expect(walk == TreeWalk(whole).map(\.path))
    let counts = whole.linkCounts()
    let found = try reader.look { tree in tree.linkCounts() }
    #expect(whole.ids.map { found[$0] } == whole.ids.map { counts[$0] })
  }

  @Test func `only directories on the way are read`() async throws {
    let (folder, source) = try await image()
    defer { withExtendedLifetime(folder) {} }
    let counter = CountingSource(source)
    let reader = try Ext4Reader(counter)
    let before = counter.reads
    _ = try reader.look { tree in tree.find("etc/deep/er/file") }
    // Four directories, and the piece of the table with the inodes on the way.
    #expect(counter.reads - before < 8)
    let middle = counter.reads
    _ = try reader.tree()
    #expect(counter.reads - middle > 300)
  }

  @Test func `what the look throws at last is thrown`() async throws {
    let (folder, source) = try await image()
    defer { withExtendedLifetime(folder) {} }
    struct Missing: Error {}
    #expect(throws: Missing.self) {
      try Ext4Reader(source).look { tree in if tree.find("etc/nothing") == nil { throw Missing() } }
    }
    // Before the folders on the way are read, nothing is found: that does not count.
    #expect(throws: Never.self) {
      try Ext4Reader(source).look { tree in if tree.find("etc/deep/er/file") == nil { throw Missing() } }
    }
  }

  /// A file system of 6000 files in one folder: their inodes fill several pieces of the tables.
  private func largeImage() async throws -> (folder: TemporaryFolder, path: String) {
    let folder = try TemporaryFolder()
    let script = """
      cd '\(folder.path)'; mkdir -p t/many t/way/to; echo there > t/way/to/file; (cd t/many; seq 6000 | xargs touch)
      truncate -s 64M image; mke2fs -q -t ext4 -b 4096 -N 8000 -O metadata_csum -d t image
      """
    let result = try await Tool.run("sh", ["-e", "-c", script])
    try #require(result.status == 0, "\(result.output)")
    return (folder, "\(folder.path)/image")
  }

  /// Where on the disk the inode of `path` stands.
  private func place(of path: String, in image: String) async throws -> Int {
    let output = try await Tool.run("debugfs", ["-R", "imap \(path)", image]).output
    let words = output.split { $0 == " " || $0 == "," || $0 == "\n" }.map(String.init)
    let block = try #require(words.lastIndex(of: "block"))
    let offset = try #require(words.firstIndex(of: "offset"))
    return try #require(Int(words[block + 1])) * 4096 + #require(Int(words[offset + 1].dropFirst(2), radix: 16))
  }

  @Test(.enabled(if: Tool.arePresent("debugfs"), "debugfs is missing"))
  func `only inodes on the way are read, and only they must be right`() async throws {
    let (folder, path) = try await largeImage()
    defer { withExtendedLifetime(folder) {} }
    // In the order of the disk, which mke2fs takes from the folder.
    var places: [(name: String, place: Int)] = []
    for number in stride(from: 1, through: 6000, by: 600) {
      places.append(("many/\(number)", try await place(of: "/many/\(number)", in: path)))
    }
    let near = try #require(places.min { $0.place < $1.place })
    let far = try #require(places.max { $0.place < $1.place })
    #expect(far.place - near.place > 2 << 18)
    let (nearPath, farPath) = (try #require(TreePath(near.name)), try #require(TreePath(far.name)))

    let file = try FileSource(folder.appending("image"))
    let counter = CountingSource(file)
    let tree = try Ext4Reader(counter).look { tree in
      _ = tree.find(nearPath)
      return tree
    }
    // Most numbers in its folders are of inodes that it does not have.
    let links = tree.linkCounts()
    let found = try #require(tree.find(nearPath))
    #expect(links[InodeID(2)] == 5 && links[found] == 1)
    #expect(!counter.ranges.contains { $0.contains(far.place) } && counter.ranges.contains { $0.contains(near.place) })
    // All but the superblock, the descriptors and the root's inode is announced before it is read.
    for range in counter.ranges.dropFirst(3) {
      #expect(counter.ready.contains { $0.clamped(to: range) == range }, "\(range)")
    }

    var bytes = try file.read(at: 0, count: file.size)
    // A time of the inode, against its checksum.
    bytes[far.place + 0x10] ^= 1
    let damaged = try Ext4Reader(MemorySource(bytes))
    #expect(try damaged.look { $0.inode(at: nearPath)?.mode } == 0o644)
    #expect(try damaged.look { $0.directory($0.find("many") ?? $0.root)?.count } == 6000)
    #expect(throws: Ext4Error.self) { try damaged.look { $0.inode(at: farPath)?.mode } }
    #expect(throws: Ext4Error.self) { try damaged.look { TreeWalk($0).reduce(0) { count, _ in count + 1 } } }
  }

  @Test func `files that are expected are made ready with the folders beside them`() async throws {
    let (folder, source) = try await image()
    defer { withExtendedLifetime(folder) {} }
    let counter = CountingSource(source)
    let paths: [TreePath] = ["etc/deep/er/file", "lib/systemd/unit", "no/such", "many"]
    let content = try Ext4Reader(counter).look(expecting: paths) { tree in
      guard case .file(let content)? = tree.inode(at: "lib/systemd/unit")?.body else { return FileContent(bytes: []) }
      return content
    }
    #expect(try content.read() == Array("unit\n".utf8))
    let extent = try #require(content.extents.first)
    #expect(counter.ready.contains(extent.sourceOffset..<extent.sourceOffset + extent.count))
  }

  @Test func `what was found can be made a tree of its own`() async throws {
    let (folder, source) = try await image()
    defer { withExtendedLifetime(folder) {} }
    let reader = try Ext4Reader(source)
    let whole = try reader.tree()
    for text in ["etc", "many/30*", "lib/systemd", "**/file", "*"] {
      let found = try reader.look { tree in
        TreeWalk(try TreeSelection(tree.matches(Array(text.utf8)), of: tree).tree).map(\.path)
      }
      let expected = try TreeSelection(whole.matches(Array(text.utf8)), of: whole)
      #expect(found == TreeWalk(expected.tree).map(\.path), "\(text)")
    }
  }
}
