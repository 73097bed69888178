import Bytes
import FileTree
import Storage
import struct SystemPackage.FileDescriptor
import struct SystemPackage.FilePath
import TestSupport
import Testing

@testable import Ext4

/// When everything in these tests happened.
let someTime = Timestamp(seconds: 1_700_000_000, nanoseconds: 123_456_789)

extension Ext4Options {
  /// Options of tests: always the same identities.
  static func test(_ size: Size, journal: Bool = true) -> Ext4Options {
    Ext4Options(
      size: size, uuid: UUID(name: "fs", in: .pibake), hashSeed: UUID(name: "hash", in: .pibake), label: "rootfs",
      timestamp: someTime, journal: journal)
  }
}

extension FileTree {
  /// A tree of an empty root.
  static var empty: FileTree {
    FileTree(inode: Inode(mode: 0o755, time: someTime, body: .directory(Directory())))
  }

  /// Adds `inode` as `name` in `directory`, the root if none is given.
  @discardableResult
  mutating func add(_ name: some StringProtocol, _ inode: Inode, in directory: InodeID? = nil) -> InodeID {
    let id = add(inode)
    link(name, to: id, in: directory)
    return id
  }

  /// One more name for `id`.
  mutating func link(_ name: some StringProtocol, to id: InodeID, in directory: InodeID? = nil) {
    guard let name = Name(name.utf8), var entries = self.directory(directory ?? root) else {
      Issue.record("no name or no directory: \(name)")
      return
    }
    entries[name] = id
    self[directory ?? root]?.body = .directory(entries)
  }

  /// Adds a folder `name` with one empty file for each of `names`.
  mutating func addFolder(_ name: String, of names: some Collection<[UInt8]>) {
    var directory = Directory()
    for name in names { directory.appendUnsorted(name.span, add(.file(""))) }
    #expect(directory.sort() == nil)
    add(name, Inode(mode: 0o755, time: someTime, body: .directory(directory)))
  }
}

extension Inode {
  static func file(_ text: String, mode: UInt16 = 0o644) -> Inode { file(Array(text.utf8), mode: mode) }

  static func file(_ bytes: [UInt8], mode: UInt16 = 0o644) -> Inode {
    Inode(mode: mode, time: someTime, body: .file(FileContent(bytes: bytes)))
  }

  static func file(_ content: FileContent) -> Inode { Inode(mode: 0o644, time: someTime, body: .file(content)) }

  static func folder(mode: UInt16 = 0o755) -> Inode {
    Inode(mode: mode, time: someTime, body: .directory(Directory()))
  }

  static func symlink(_ count: Int) -> Inode {
    Inode(mode: 0o777, time: someTime, body: .symlink([UInt8](repeating: 0x61, count: count)))
  }

  func with(_ change: (inout Inode) -> Void) -> Inode {
    var inode = self
    change(&inode)
    return inode
  }
}

extension [UInt8] {
  /// Writes the bytes into a new file.
  func write(to path: FilePath) throws {
    let file = try FileDescriptor.open(
      path, .writeOnly, options: [.create, .exclusiveCreate], permissions: .ownerReadWrite)
    try file.closeAfter { _ = try file.writeAll(self) }
  }
}

/// A file system in a file, and the programs that judge it.
struct WrittenImage {
  let folder: TemporaryFolder
  let path: FilePath
  let layout: Ext4Layout

  init(_ tree: FileTree, _ options: Ext4Options = .test(.bytes(64 << 20))) throws {
    try self.init(Ext4Layout(tree, options: options))
  }

  init(_ layout: Ext4Layout) throws {
    self.layout = layout
    folder = try TemporaryFolder()
    path = folder.appending("fs.img")
    let file = try FileDescriptor.open(
      path, .writeOnly, options: [.create, .exclusiveCreate], permissions: .ownerReadWrite)
    try file.closeAfter {
      var sink = SparseFileSink(file, path: path)
      try sink.write(layout.runs)
      _ = try sink.finish()
    }
  }

  /// The file as programs want it.
  var name: String { path.string }

  /// The file as the reader wants it.
  var source: FileSource {
    get throws { try FileSource(path) }
  }

  /// e2fsck has nothing to say: no question, no remark.
  func expectClean(_ place: SourceLocation = #_sourceLocation) async throws {
    let result = try await Tool.run("e2fsck", ["-fn", path.string])
    #expect(result.status == 0, "\(result.output)", sourceLocation: place)
    for line in result.output.split(separator: "\n") {
      #expect(
        line.hasPrefix("e2fsck 1.") || line.hasPrefix("Pass ") || line.contains(" non-contiguous"), "\(result.output)",
        sourceLocation: place)
    }
  }

  /// What debugfs prints to `request`.
  func debugfs(_ request: String) async throws -> String {
    try await Tool.run("debugfs", ["-R", request, name]).output
  }

  /// The kernel lists the same as the tree says; the test ends here where it cannot be asked.
  func expectMountsAs(_ tree: FileTree, _ place: SourceLocation = #_sourceLocation) async throws {
    let script = FilePath(#filePath).removingLastComponent().removingLastComponent().appending(
      "Fixtures/loop-oracle.sh")
    let result = try await Tool.run("/bin/bash", [script.string, name, "0"], limit: 256 << 20)
    if result.status == 77 { try Test.cancel("\(result.output)") }
    #expect(result.status == 0, "\(result.output.suffix(1000))", sourceLocation: place)
    var text: [UInt8] = []
    try Manifest(of: tree).write { span in text += span.array }
    let expected = String(decoding: text, as: UTF8.self).split(separator: "\n")
    let kernel = result.output.split(separator: "\n")
    #expect(expected.count == kernel.count, sourceLocation: place)
    for (left, right) in zip(expected, kernel) where left != right {
      Issue.record("tree: \(left)\nkernel: \(right)", sourceLocation: place)
      break
    }
  }
}
