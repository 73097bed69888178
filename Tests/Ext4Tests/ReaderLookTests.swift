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
    #expect(try reader.look { tree in tree.linkCounts() } == whole.linkCounts())
  }

  @Test func `only directories on the way are read`() async throws {
    let (folder, source) = try await image()
    defer { withExtendedLifetime(folder) {} }
    let counter = CountingSource(source)
    let reader = try Ext4Reader(counter)
    let before = counter.reads
    _ = try reader.look { tree in tree.find("etc/deep/er/file") }
    // Four directories, and the inodes that they name.
    #expect(counter.reads - before < 12)
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
}
