import Bytes
import FileTree
import Storage
import TestSupport
import Testing

@testable import FAT

@Suite("FAT layout by itself")
struct FATLayoutRuleTests {
  private func options(
    _ mebibytes: Int, label: String = "bootfs", sectorsPerCluster: Int? = nil
  ) -> FATOptions {
    FATOptions(
      size: mebibytes << 20, serial: 7, label: label, hiddenSectors: 0, sectorsPerCluster: sectorsPerCluster)
  }

  private func expect(
    _ message: String, at place: SourceLocation = #_sourceLocation, _ body: () throws -> Void
  ) {
    let error = #expect(throws: FATError.self, sourceLocation: place) { try body() }
    #expect(error?.description == message, sourceLocation: place)
    #expect(error?.kind == .usage, sourceLocation: place)
  }

  @Test func `the same tree gives the same bytes`() throws {
    func digest(_ files: [(String, FileContent)]) throws -> SHA256Digest {
      var sink = DigestSink()
      for run in try FATLayout(makeTree(files), options: options(64)).runs { try sink.write(run) }
      return sink.finish()
    }
    let files = variedFiles()
    #expect(try digest(files) == digest(files))
    #expect(try digest(files) == digest(files.reversed()))
    #expect(try digest(files) != digest(Array(files.dropLast())))
  }

  @Test(arguments: [
    ("a:b", "a name with :"), ("a*", "a name with *"), ("what?", "a name with ?"), ("<", "a name with <"),
    ("a\\b", "a name with %5C"), ("say \"", "a name with %22"), ("a|b", "a name with |"), ("tab\t", "a name with %09"),
    ("dot.", "a name that ends in a dot or a space"), ("space ", "a name that ends in a dot or a space"),
    ("CMDLINE.TXT/x", "a name that differs from CMDLINE.TXT only by case"),
  ])
  func `names that FAT does not have are refused`(path: String, obstacle: String) throws {
    let tree = try makeTree([("sub/cmdline.txt", noise(1)), ("sub/" + path, noise(1))])
    // The folder sorts first, so that it is the file that is refused.
    let refused = path.hasSuffix("/x") ? "cmdline.txt" : path
    expect("/sub/\(Array(refused.utf8).escaped): a FAT cannot hold \(obstacle)") {
      _ = try FATLayout(tree, options: options(16))
    }
  }

  @Test func `case is compared beyond ASCII`() throws {
    let tree = try makeTree([("Äß", noise(1)), ("äß", noise(1))])
    #expect(throws: FATError.self) { try FATLayout(tree, options: options(16)) }
    // No single character is the upper case of ß.
    _ = try FATLayout(makeTree([("äß", noise(1)), ("äss", noise(1))]), options: options(16))
  }

  @Test func `letters whose upper case leads back to another letter are letters of their own`() throws {
    for (one, other) in [("ı", "i"), ("ſ", "s"), ("µ", "μ"), ("ẞ", "ß")] {
      let layout = try FATLayout(makeTree([(one, noise(1)), (other, noise(2))]), options: options(16))
      let folder = try TemporaryFolder()
      let image = folder.appending("fat.img")
      try write(layout.runs, to: image)
      let tree = try FATReader(FileSource(image)).tree()
      #expect(tree.directory(tree.root)?.count == 2, "\(one) \(other)")
    }
  }

  @Test func `more names than a folder has entries are refused before they get short names`() throws {
    var tree = try makeTree([("x", noise(1))])
    var many = Directory()
    for number in 0..<1_000_001 {
      many.appendUnsorted(Array("a long name \(number)".utf8).span, tree.root)
    }
    #expect(many.sort() == nil)
    let id = tree.add(Inode(mode: 0o755, time: leapDay, body: .directory(many)))
    let error = #expect(throws: FATError.self) { try FolderPlan(many, id: id, parent: nil, path: TreePath()) }
    #expect(error?.kind == .usage)
  }

  @Test func `bytes that are not UTF-8 and names of too many units are refused`() throws {
    var tree = try makeTree([])
    let name = try #require(Name([0x61, 0xFF]))
    try tree.put(Inode(mode: 0o644, time: leapDay, body: .file(noise(1))), at: TreePath([name]))
    expect("/a%FF: a FAT cannot hold a name that is not UTF-8") { _ = try FATLayout(tree, options: options(16)) }
  }

  @Test func `links, devices and the like are refused`() throws {
    let bodies: [(Inode.Body, String)] = [
      (.symlink([0x61]), "a symbolic link"), (.blockDevice(DeviceNumber(major: 8, minor: 0)), "a device"),
      (.characterDevice(DeviceNumber(major: 1, minor: 3)), "a device"), (.fifo, "a named pipe"), (.socket, "a socket"),
    ]
    for (body, kind) in bodies {
      var tree = try makeTree([("sub/file", noise(1))])
      try tree.put(Inode(mode: 0o777, time: leapDay, body: body), at: "sub/odd")
      expect("/sub/odd: a FAT cannot hold \(kind)") { _ = try FATLayout(tree, options: options(16)) }
    }
    var tree = try makeTree([("file", noise(1)), ("sub/x", noise(1))])
    let file = try #require(tree.find("file"))
    let folder = try #require(tree.find("sub"))
    var directory = try #require(tree.directory(folder))
    directory[try #require(Name(Array("link".utf8)))] = file
    tree[folder]?.body = .directory(directory)
    expect("/sub/link: a FAT cannot hold a second name of a file") { _ = try FATLayout(tree, options: options(16)) }
  }

  @Test func `files of 4 GiB are refused, smaller ones are not`() throws {
    let source = MemorySource([])
    func tree(_ size: Int) throws -> FileTree {
      try makeTree([("big", FileContent(size: size, source: source, extents: []))])
    }
    expect("/big: a FAT cannot hold a file of 4294967296 bytes, only less than 4 GiB") {
      _ = try FATLayout(tree(1 << 32), options: options(6000))
    }
    let runs = try FATLayout(tree(1 << 32 - 1), options: options(6000)).runs
    #expect(runs.reduce(0) { $0 + $1.count } == 6000 << 20)
  }

  @Test func `options that cannot be are refused`() throws {
    let tree = try makeTree([])
    for label in ["", "twelve chars", "ümlaut", "a*b", " a", "a "] {
      expect("\(Array(label.utf8).escaped): not a label for a FAT: 1 to 11 ASCII letters, digits or _ -") {
        _ = try FATLayout(tree, options: options(16, label: label))
      }
    }
    expect("a FAT of 0 bytes cannot be made") { _ = try FATLayout(tree, options: options(0)) }
    expect("a FAT of 1048576 bytes is too small or too large") { _ = try FATLayout(tree, options: options(1)) }
    expect("a FAT of 16777216 bytes cannot be made with 3 sectors a cluster") {
      _ = try FATLayout(tree, options: options(16, sectorsPerCluster: 3))
    }
    expect("a FAT of 4194304 bytes has 8087 clusters for files, but 10000 are needed") {
      _ = try FATLayout(makeTree([("x", noise(5_120_000))]), options: options(4, sectorsPerCluster: 1))
    }
  }

  @Test(
    arguments: [(0, nil), (3_000_000, nil), (40_000_000, nil), (40_000_000, 4), (200_000_000, 1), (140_000_000, 8)]
      as [(Int, Int?)])
  func `the minimum holds the tree, and no less does`(size: Int, sectors: Int?) throws {
    let content = FileContent(size: size, source: MemorySource([]), extents: [])
    let tree = try makeTree([("sub/file", content), ("cmdline.txt", noise(10))])
    let minimum = try FATLayout.minimumSize(of: tree, sectorsPerCluster: sectors)
    #expect(minimum < size + size / 20 + (size > 100_000_000 && sectors == 8 ? 300 << 20 : 4 << 20))
    _ = try FATLayout(tree, options: options(minimum >> 20, sectorsPerCluster: sectors))
    #expect(throws: FATError.self) {
      try FATLayout(tree, options: options((minimum >> 20) - 1, sectorsPerCluster: sectors))
    }
  }

  @Test func `what a full layout leaves free are its last clusters`() throws {
    let tree = try makeTree([("fill", FileContent(size: 33_000_000, source: MemorySource([]), extents: []))])
    let minimum = try FATLayout.minimumSize(of: tree)
    let bytes = try FATLayout(tree, options: options(minimum >> 20)).runs.bytes()
    let reader = try FATReader(MemorySource(bytes))
    #expect(try reader.freeClusterCount >= FATLayout.spareClusters)
    guard case .file(let content)? = try reader.tree().inode(at: "fill")?.body, let last = content.extents.last else {
      Issue.record("fill has content")
      return
    }
    #expect(bytes.count - (last.sourceOffset + last.count) >= FATLayout.spareClusters * reader.clusterSize)
  }

  @Test func `what comes from the base lies in the same clusters in every node's file system`() throws {
    let base = MemorySource([UInt8](repeating: 0xAA, count: 1 << 20), name: "base")
    func layout(_ files: [(String, FileContent)]) throws -> [UInt8] {
      let kernel = FileContent(
        size: 1 << 20, source: base, extent: FileExtent(offset: 0, sourceOffset: 0, count: 1 << 20))
      return try FATLayout(makeTree(files + [("kernel8.img", kernel)]), options: options(40)).runs.bytes()
    }
    let one = try layout([("cmdline.txt", noise(100)), ("a/config.txt", noise(5000))])
    let two = try layout([("cmdline.txt", noise(3000)), ("a/config.txt", noise(9))])
    func place(_ bytes: [UInt8]) throws -> Int? {
      guard case .file(let content)? = try FATReader(MemorySource(bytes)).tree().inode(at: "kernel8.img")?.body else {
        return nil
      }
      return content.extents.first?.sourceOffset
    }
    #expect(try place(one) == place(two))
    #expect(try place(one) != nil)
  }
}
