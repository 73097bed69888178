import FileTree
import Glibc
import HostFiles
import Storage
import struct SystemPackage.FileDescriptor
import struct SystemPackage.FilePath
import TestSupport
import Testing

/// Folders of this machine as trees: holes, and how many files are open.
@Suite struct SparseFolderTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func make(_ name: String, size: Int, data: [(offset: Int, bytes: [UInt8])]) throws {
    let file = try FileDescriptor.open(
      folder.appending(name), .writeOnly, options: [.create], permissions: [.ownerReadWrite])
    try file.closeAfter {
      for (offset, bytes) in data { _ = try file.writeAll(toAbsoluteOffset: Int64(offset), bytes) }
      try file.resize(to: Int64(size))
    }
  }

  private func content(_ tree: FileTree, _ path: TreePath) throws -> FileContent {
    guard case .file(let content)? = tree.inode(at: path)?.body else { throw Missing() }
    return content
  }

  private struct Missing: Error {}

  @Test func `holes of the file system are holes of the tree`() throws {
    let block = [UInt8](repeating: 7, count: 8192)
    try make("sparse", size: 4 << 20, data: [(1 << 20, block), (3 << 20, block)])
    try make("hole", size: 1 << 30, data: [])
    try make("dense", size: 8192, data: [(0, block)])
    try make("tail", size: (1 << 20) + 5, data: [(1 << 20, [1, 2, 3, 4, 5])])
    let tree = try FolderReader(folder.path).tree()
    let sparse = try content(tree, "sparse")
    // A file system may tell more data than there is, but not less.
    let isTold = try content(tree, "hole").extents.isEmpty
    if isTold {
      #expect(sparse.extents.map(\.offset) == [1 << 20, 3 << 20])
      #expect(sparse.extents.reduce(0) { $0 + $1.count } == 16384)
      #expect(try content(tree, "tail").extents.last.map { $0.offset + $0.count } == (1 << 20) + 5)
    }
    #expect(try content(tree, "dense").extents == [FileExtent(offset: 0, sourceOffset: 0, count: 8192)])
    let bytes = try sparse.read()
    #expect(bytes[(1 << 20) - 1..<(1 << 20) + 2].elementsEqual([0, 7, 7]))
    #expect(bytes.filter { $0 == 7 }.count == 16384)
    // Nobody reads a gibibyte of zeros.
    #expect(
      try content(tree, "hole").hasSameBytes(as: FileContent(size: 1 << 30, source: MemorySource([]), extents: [])))
  }

  @Test func `many files are read in pieces, and few are open`() throws {
    for number in 0..<100 { try make("f\(number)", size: 100_000, data: [(0, [UInt8](repeating: 1, count: 100_000))]) }
    let tree = try FolderReader(folder.path).tree()
    func open() throws -> Int { try FolderHandle("/proc/self/fd").names().count }
    let before = try open()
    for number in 0..<100 {
      let content = try content(tree, try #require(TreePath(bytes: Array("f\(number)".utf8))))
      guard case .source(let source, _, _)? = content.runs.first else { throw Missing() }
      var bytes = [UInt8](repeating: 0, count: 10)
      for offset in [0, 50_000, 99_000] { try source.read(at: offset, into: &bytes, range: 0..<10) }
      #expect(bytes == [UInt8](repeating: 1, count: 10))
    }
    // Other tests of this process open files too.
    #expect(try open() - before < 80)
  }

  @Test func `a file that was cut meanwhile is an error, and one that is gone too`() throws {
    try make("cut", size: 100_000, data: [(0, [UInt8](repeating: 1, count: 100_000))])
    let tree = try FolderReader(folder.path).tree()
    try make("cut", size: 10, data: [])
    #expect(throws: IOError.self) { try content(tree, "cut").read() }
    try #require(unlink(folder.appending("cut").string) == 0)
    #expect(throws: IOError.self) { try content(tree, "cut").read() }
  }
}
