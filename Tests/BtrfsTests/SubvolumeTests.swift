import Btrfs
import Bytes
import FileTree
import HostFiles
import Storage
import TestSupport
import Testing

import struct SystemPackage.FilePath

@Suite(.enabled(if: Mount.isPossible, "\(Mount.reason)"))
struct `Subvolumes made in place` {
  @Test func `are what receivers would make of the streams`() async throws {
    let mount = try await Mount()
    let root = try oddTree()
    let base = subvolume(boot: try bootTree(), root: root)
    let stream = try SendStream(of: base)
    let folder = try SubvolumeFolder(mount.path)
    try folder.make(base, stream, as: "base")
    try folder.make(base, stream, as: "base")
    #expect(try difference(seen(mount, "base"), manifest(root)) == "")
    for (name, edit) in Edits.all {
      var node = root
      try edit(&node)
      let update = try SendStream(
        of: subvolume(boot: bootTree(), root: node), since: base, sentAs: stream, comparing: .places)
      try folder.make(update, snapshotOf: "base", as: name)
      #expect(try difference(seen(mount, name), manifest(node)) == "", "\(name)")
    }
    let list = try await Tool.run("btrfs", ["subvolume", "list", "-r", "-R", mount.path.string]).standardOutput
    #expect(list.split(separator: "\n").count == 1 + Edits.all.count, "\(list)")
    #expect(list.contains("\(stream.identity.uuid)"))
    // A stream can go on from what was made in place.
    var node = root
    try node.put(file("later\n"), at: "etc/hostname")
    let update = try SendStream(
      of: subvolume(boot: bootTree(), root: node), since: base, sentAs: stream, comparing: .places)
    let result = try await mount.receive(update.bytes(as: "later"))
    #expect(result.status == 0, "\(result.output)")
    #expect(try difference(seen(mount, "later"), manifest(node)) == "")
    _ = try await Tool.run("sync", ["-f", mount.path.string])
    let usage = try await Tool.run(
      "btrfs", ["filesystem", "du", "--raw", "-s", mount.path.appending("hostname").string])
    let fields = usage.standardOutput.split(separator: "\n").last?.split(separator: " ").compactMap { Int($0) } ?? []
    #expect(fields.count == 3 && fields[1] < 64 << 10 && fields[2] > 256 << 10, "\(usage.output)")
  }

  @Test func `are replaced when they change, and leave nothing when they fail`() async throws {
    let mount = try await Mount()
    let root = try oddTree()
    let base = subvolume(boot: try bootTree(), root: root)
    let stream = try SendStream(of: base)
    let folder = try SubvolumeFolder(mount.path)
    try folder.make(base, stream, as: "base")
    for text in ["one\n", "two\n"] {
      var node = root
      try node.put(file(text), at: "etc/hostname")
      let update = try SendStream(
        of: subvolume(boot: bootTree(), root: node), since: base, sentAs: stream, comparing: .places)
      try folder.make(update, snapshotOf: "base", as: "node")
      #expect(try difference(seen(mount, "node"), manifest(node)) == "")
    }
    // A source that cannot be read: the snapshot fails half-way.
    var broken = root
    let short = FileContent(
      size: 9000, source: MemorySource([1, 2, 3]), extent: FileExtent(offset: 0, sourceOffset: 0, count: 9000))
    try broken.put(Inode(mode: 0o644, time: noon, body: .file(short)), at: "bin/another")
    let known = (0..<1).compactMap { _ -> KnownSource? in
      guard case .source(let source, _, _)? = short.runs.first else { return nil }
      return KnownSource(source, digest: SHA256.of([]))
    }
    let update = try SendStream(
      of: subvolume(boot: bootTree(), root: broken), since: base, sentAs: stream, comparing: .places, known: known)
    #expect(throws: BtrfsError.self) { try folder.make(update, snapshotOf: "base", as: "node") }
    #expect(throws: BtrfsError.self) { try folder.make(update, snapshotOf: "base", as: "other") }
    #expect(try FolderListing.names(in: mount.path) == ["base", "node"])
    // What is not sealed is somebody's own.
    let made = try await Tool.run(
      "btrfs", ["subvolume", "snapshot", mount.path.appending("node").string, mount.path.appending("own").string])
    #expect(made.status == 0)
    #expect(throws: BtrfsError.self) { try folder.make(update, snapshotOf: "base", as: "own") }
    #expect(try FolderListing.names(in: mount.path) == ["base", "node", "own"])
  }

  @Test func `need a btrfs`() throws {
    let folder = try TemporaryFolder()
    #expect(throws: BtrfsError.self) { try SubvolumeFolder(folder.path) }
  }

  private func seen(_ mount: Mount, _ name: String) throws -> [Substring] {
    try manifest(FolderReader(mount.path.appending(name).appending("root")).tree())
  }
}
