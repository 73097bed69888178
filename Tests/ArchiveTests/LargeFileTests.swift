import FileTree
import Glibc
import Storage
import struct SystemPackage.FileDescriptor
import struct SystemPackage.FilePath
import TestSupport
import Testing

@testable import Archive

/// A file as large as one likes, of a byte that is no zero.
private final class EndlessSource: ByteSource {
  let size = 1 << 40
  let name = "endless"

  func read(at offset: Int, into buffer: inout MutableSpan<UInt8>) {
    for index in buffer.indices { buffer[index] = 7 }
  }
}

/// Files whose size a header's eleven octal digits cannot say: 8 GiB and more.
@Suite struct LargeFileTests {
  private static let size = (8 << 30) + 4711
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func makeTree() throws -> FileTree {
    var tree = FileTree(inode: inode(0o755, .directory(Directory())))
    let extent = FileExtent(offset: 0, sourceOffset: 0, count: Self.size)
    try tree.put(
      inode(0o644, .file(FileContent(size: Self.size, source: EndlessSource(), extent: extent))), at: "dense")
    let piece = FileExtent(offset: Self.size - 10, sourceOffset: 0, count: 10)
    try tree.put(
      inode(0o644, .file(FileContent(size: Self.size, source: EndlessSource(), extent: piece))), at: "sparse")
    return tree
  }

  /// Writes an archive whose large contents are holes: only the headers matter.
  private func writeHollow(_ tree: FileTree, to path: FilePath) throws {
    let file = try FileDescriptor.open(
      path, .writeOnly, options: [.create, .truncate], permissions: [.ownerReadWrite])
    try file.closeAfter {
      var offset = 0
      for run in try TarWriter(tree) {
        if case .bytes(let bytes) = run { _ = try file.writeAll(toAbsoluteOffset: Int64(offset), bytes) }
        offset += run.count
      }
      try file.resize(to: Int64(offset))
      #expect(try offset == TarWriter.size(of: tree) && offset.isMultiple(of: 10240))
    }
  }

  @Test func `sizes that no medium holds are refused, and do not overflow`() throws {
    for count in [1, 3] {
      var tree = FileTree(inode: inode(0o755, .directory(Directory())))
      let size = Int.max - 100
      let extent = FileExtent(offset: 0, sourceOffset: 0, count: size)
      for number in 0..<count {
        let content = FileContent(size: size, source: EndlessSource(), extent: extent)
        try tree.put(inode(0o644, .file(content)), at: TreePath([try #require(Name("\(number)".utf8))]))
      }
      #expect(throws: IOError.self) { try TarWriter(tree) }
    }
  }

  @Test(arguments: ["tar", "bsdtar"])
  func `both tars read our sizes`(_ tool: String) async throws {
    guard Tool.arePresent(tool) else { try Test.cancel("\(tool) is missing") }
    let archive = folder.appending("large.tar")
    try writeHollow(makeTree(), to: archive)
    let list = try await Tool.run(tool, ["-tvf", archive.string])
    #expect(list.status == 0, "\(list.output)")
    let sizes = list.standardOutput.split(separator: "\n").filter { $0.contains(" \(Self.size) ") }
    #expect(sizes.count == 2, "\(list.output)")
    let back = try TarArchive(archive).tree()
    for name in ["dense", "sparse"] as [TreePath] {
      guard case .file(let content)? = back.inode(at: name)?.body else { throw NoName() }
      #expect(content.size == Self.size)
    }
  }

  @Test(arguments: [
    ("tar", ["--format=pax"]), ("tar", ["--format=gnu"]), ("tar", ["--format=gnu", "--sparse"]),
    ("tar", ["--format=pax", "--sparse"]), ("bsdtar", ["--format=pax"]), ("bsdtar", ["--format=gnutar"]),
  ])
  func `we read theirs`(_ tool: String, _ options: [String]) async throws {
    guard Tool.arePresent(tool) else { try Test.cancel("\(tool) is missing") }
    let file = folder.appending("large")
    try "end".withCString { text in
      let descriptor = try FileDescriptor.open(
        file, .writeOnly, options: [.create], permissions: [.ownerReadWrite])
      try descriptor.closeAfter {
        _ = try descriptor.writeAll(
          toAbsoluteOffset: Int64(Self.size - 3), UnsafeRawBufferPointer(start: text, count: 3))
      }
    }
    let archive = folder.appending("theirs.tar").string
    // The headers only, where the zeros would be written too; the rest is a hole.
    let isSparse = options.contains("--sparse") || tool == "bsdtar" && options == ["--format=pax"]
    let command =
      "\(tool) -cf - \(options.joined(separator: " ")) -C '\(folder.path)' large"
      + (isSparse ? " > '\(archive)'" : " | head -c 4096 > '\(archive)'; truncate -s \(Self.size + 20480) '\(archive)'")
    let made = try await Tool.run("sh", ["-c", command])
    #expect(made.status == 0, "\(made.output)")
    let tree = try TarArchive(FilePath(archive)).tree()
    guard case .file(let content)? = tree.inode(at: "large")?.body else { throw NoName() }
    #expect(content.size == Self.size)
    if isSparse {
      let last = try #require(content.extents.last)
      guard case .source(let source, let offset, let count) = content.run(of: last) else { throw NoName() }
      #expect(try source.read(at: offset + count - 3, count: 3) == Array("end".utf8))
    }
  }
}
