import Btrfs
import Bytes
import FileTree
import HostFiles
import Storage
import struct SystemPackage.FilePath
import TestSupport
import Testing

@Suite(.enabled(if: Mount.isPossible, "\(Mount.reason)"))
struct `What the kernel makes of streams` {
  private func expect(_ result: Tool.Result) { #expect(result.status == 0, "\(result.output.suffix(2000))") }

  /// Compares the received subvolume with the trees that it was made of.
  private func compare(_ mount: Mount, _ name: String, boot: FileTree, root: FileTree) throws {
    let path = mount.path.appending(name)
    let seen = try FolderReader(path.appending("root")).tree()
    #expect(try difference(manifest(seen), manifest(root)) == "", "\(name)")
    let received = try FolderReader(path.appending("boot")).tree()
    for entry in TreeWalk(boot) {
      let inode = try #require(boot[entry.id])
      let place = try #require(TreePath(bytes: entry.path))
      let file = try #require(received.inode(at: place))
      #expect(file.mode == (boot.directory(entry.id) == nil ? 0o644 : 0o755) && file.uid == 0 && file.gid == 0)
      #expect(file.modified == inode.modified)
      guard case .file(let content) = inode.body, case .file(let copy) = file.body else { continue }
      #expect(try content.read() == copy.read())
    }
  }

  @Test(arguments: StreamForm.allCases)
  func `base and nodes become subvolumes that share extents, file for file what the trees say`(
    _ form: StreamForm
  ) async throws {
    let mount = try await Mount()
    let boot = try bootTree()
    let root = try oddTree()
    let base = subvolume(boot: boot, root: root)
    let stream = try SendStream(of: base)
    try await expect(mount.receive(stream.bytes(as: "base", form: form)))
    try compare(mount, "base", boot: boot, root: root)
    for (name, edit) in Edits.all {
      var node = root
      var nodeBoot = boot
      try edit(&node)
      try nodeBoot.put(Inode(mode: 0, time: noon, body: .file(FileContent(bytes: text(99)))), at: "cmdline.txt")
      let update = try SendStream(
        of: subvolume(boot: nodeBoot, root: node), since: base, sentAs: stream, comparing: .places)
      let bytes = try update.bytes(as: name, form: form)
      #expect(bytes.count < 16 << 10, "\(name)")
      try await expect(mount.receive(bytes))
      try compare(mount, name, boot: nodeBoot, root: node)
    }
    _ = try await Tool.run("sync", ["-f", mount.path.string])
    let usage = try await Tool.run(
      "btrfs", ["filesystem", "du", "--raw", "-s", mount.path.appending("hostname").string])
    let fields = usage.standardOutput.split(separator: "\n").last?.split(separator: " ").compactMap { Int($0) } ?? []
    #expect(fields.count == 3 && fields[1] < 64 << 10 && fields[2] > 256 << 10, "\(usage.output)")
    let scrub = try await Tool.run("btrfs", ["scrub", "start", "-B", mount.path.string])
    #expect(scrub.status == 0 && scrub.output.contains("no errors found"), "\(scrub.output)")
    if form == .v2Zstd {
      // What is compressed wrong is taken without a word, and cannot be read once it is out of memory.
      try await expect(Tool.run("sh", ["-c", "sync; echo 3 > /proc/sys/vm/drop_caches"]))
      try compare(mount, "base", boot: boot, root: root)
    }
  }

  @Test func `two hundred nodes go through one pipe`() async throws {
    let mount = try await Mount()
    let root = try oddTree()
    let base = subvolume(boot: try bootTree(), root: root)
    let stream = try SendStream(of: base)
    var all = try stream.bytes(as: "base")
    for number in 0..<200 {
      var node = root
      try node.put(file("node-\(number)\n"), at: "etc/hostname")
      all += try SendStream(
        of: subvolume(boot: bootTree(), root: node), since: base, sentAs: stream, comparing: .places
      ).bytes(as: "node-\(number)")
    }
    try await expect(mount.receive(all))
    let list = try await Tool.run("btrfs", ["subvolume", "list", "-r", mount.path.string])
    #expect(list.standardOutput.split(separator: "\n").count == 201)
    for number in [0, 117, 199] {
      var node = root
      try node.put(file("node-\(number)\n"), at: "etc/hostname")
      try compare(mount, "node-\(number)", boot: try bootTree(), root: node)
    }
  }

  @Test func `a stream that is cut or flipped anywhere is refused`() async throws {
    let mount = try await Mount()
    var random = SplitMix64(Fuzzing.seed(5))
    var tree = FileTree(inode: folder())
    try tree.put(file(noise(100_000), mode: 0o755), at: "file")
    let whole = try SendStream(of: subvolume(boot: bootTree(), root: tree)).bytes(as: "damaged")
    for round in 0..<Fuzzing.rounds(40) {
      var bytes = whole
      let place = Int.random(in: 0..<whole.count, using: &random)
      if round.isMultiple(of: 2) {
        bytes.removeSubrange(place...)
      } else {
        bytes[place] ^= UInt8(1) << UInt8.random(in: 0..<8, using: &random)
      }
      let result = try await mount.receive(bytes)
      #expect(result.status != 0, "at \(place)")
      _ = try await Tool.run("btrfs", ["subvolume", "delete", mount.path.appending("damaged").string])
    }
    try await expect(mount.receive(whole))
  }

  @Test(arguments: StreamForm.allCases)
  func `a folder that moved is sent as pointers, whatever the sizes of its files`(_ form: StreamForm) async throws {
    let mount = try await Mount()
    // Inline extents, sectors, compressed extents, and ends in the middle of each.
    let sizes = [513, 1000, 2047, 2048, 2049, 3000, 4095, 4096, 4097, 8192, 70_001, 131_072, 300_000]
    func tree(_ place: TreePath) throws -> FileTree {
      var tree = FileTree(inode: folder())
      try tree.makeDirectory(place, like: folder())
      for (index, size) in sizes.enumerated() {
        let bytes = index.isMultiple(of: 2) ? noise(size, seed: UInt32(index + 1)) : text(size)
        try tree.put(stored(bytes, uid: 7), at: place.appending(try #require(Name(Array("f\(size)".utf8)))))
      }
      return tree
    }
    let (before, after) = (try tree("usr/share/old"), try tree("usr/share/new"))
    let old = subvolume(boot: try bootTree(), root: before)
    let stream = try SendStream(of: old)
    let update = try SendStream(
      of: subvolume(boot: bootTree(), root: after), since: old, sentAs: stream, comparing: .bytes
    ).bytes(as: "new", form: form)
    #expect(update.count < sizes.count * 600)
    try await expect(mount.receive(stream.bytes(as: "old", form: form)))
    try await expect(mount.receive(update))
    try await expect(Tool.run("sh", ["-c", "sync; echo 3 > /proc/sys/vm/drop_caches"]))
    try compare(mount, "new", boot: try bootTree(), root: after)
    let scrub = try await Tool.run("btrfs", ["scrub", "start", "-B", mount.path.string])
    #expect(scrub.status == 0 && scrub.output.contains("no errors found"), "\(scrub.output)")
  }

  @Test func `an update between images moves no byte twice`() async throws {
    let mount = try await Mount()
    let old = subvolume(boot: try bootTree(), root: try oddTree())
    // The new image has the same contents, in other places and under other numbers.
    var root = FileTree(inode: folder())
    let inner = try oddTree()
    for entry in TreeWalk(inner) where entry.path.count > 1 {
      let path = try #require(TreePath(bytes: entry.path))
      var inode = try #require(inner[entry.id])
      if case .directory = inode.body { inode.body = .directory(Directory()) }
      if case .file(let content) = inode.body, content.size < 1 << 20 {
        inode.body = .file(FileContent(bytes: try content.read()))
      }
      if case .directory = inode.body {
        let id = try root.makeDirectory(path, like: inode)
        root[id]?.xattrs = inode.xattrs
      } else {
        try root.put(inode, at: path, followingLast: false)
      }
    }
    try root.remove("bin/noise")
    try root.put(file(noise(600_000)), at: "etc/deep/moved")
    let new = subvolume(boot: try bootTree(), root: root, time: Timestamp(seconds: 1_800_000_000))
    let stream = try SendStream(of: old)
    let update = try SendStream(of: new, since: old, sentAs: stream, comparing: .bytes).bytes(as: "new")
    #expect(update.count < 32 << 10)
    try await expect(mount.receive(stream.bytes(as: "old")))
    try await expect(mount.receive(update))
    try compare(mount, "new", boot: try bootTree(), root: root)
    #expect(
      try FolderReader(mount.path.appending("new")).tree().inode(at: TreePath())?.modified.seconds == 1_800_000_000)
  }
}
