import Bytes
import FileTree
import Glibc
import HostFiles
import Storage
import struct SystemPackage.FileDescriptor
import struct SystemPackage.FilePath
import TestSupport
import Testing

@testable import Archive

private let isRoot = geteuid() == 0

/// Archives on their way through other people's tars.
@Suite struct RoundTripTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func run(_ tool: String, _ arguments: [String]) async throws {
    let result = try await Tool.run(tool, arguments)
    // GNU tar tells of a keyword of bsdtar's that it does not know.
    #expect(result.status == 0, "\(tool) \(arguments): \(result.output)")
  }

  private func makeFolder(_ name: String) throws -> FilePath {
    let path = folder.appending(name)
    try #require(mkdir(path.string, 0o700) == 0)
    return path
  }

  @Test func `a tree survives the way into an archive and back, and gives the same bytes each time`() throws {
    let tree = try oddTree()
    try write(tree, to: folder.appending("a.tar"))
    try write(tree, to: folder.appending("b.tar"))
    let archive = TarArchive(folder.appending("a.tar"))
    #expect(try archive.isTar())
    #expect(try lines(archive.tree()) == lines(tree))
    let (one, two) = (try FileSource(folder.appending("a.tar")), try FileSource(folder.appending("b.tar")))
    #expect(
      try one.size == TarWriter.size(of: tree) && one.read(at: 0, count: one.size) == two.read(at: 0, count: two.size))
  }

  @Test(
    .enabled(if: isRoot, "only root may give files away and make devices"),
    .enabled(if: Tool.arePresent("bsdtar"), "bsdtar is missing"), arguments: ["tar", "bsdtar"])
  func `what we write they extract whole, and what they write we read whole`(_ tool: String) async throws {
    let tree = try oddTree()
    var expected = try lines(tree)
    let archive = folder.appending("ours.tar")
    try write(tree, to: archive)
    let there = try makeFolder("there")
    let options = tool == "tar" ? ["--xattrs", "--xattrs-include=*", "--acls", "--numeric-owner"] : ["--numeric-owner"]
    try await run(tool, ["-xpf", archive.string, "-C", there.string] + options)
    let extracted = try difference(lines(FolderReader(there).tree()), expected)
    // bsdtar does not come back to the time of a folder that was there.
    #expect(extracted.filter { !$0.contains(#""path":"/","#) } == [], "\(tool) extracts")
    expected = try lines(FolderReader(there).tree())

    for (format, more) in formats(of: tool) {
      let theirs = folder.appending("\(tool)-\(format).tar")
      try await run(tool, ["-cf", theirs.string, "-C", there.string, "--format=\(format)"] + more + options + ["."])
      let read = try difference(lines(TarArchive(theirs).tree()), expected)
      #expect(read == [], "\(tool) \(format) \(more) writes")
    }
  }

  private func formats(of tool: String) -> [(String, [String])] {
    tool == "tar"
      ? [
        ("pax", ["--sparse", "--sparse-version=1.0"]), ("pax", ["--sparse", "--sparse-version=0.1"]),
        ("pax", ["--sparse", "--sparse-version=0.0"]), ("pax", []),
      ] : [("pax", [])]
  }

  @Test(.enabled(if: isRoot, "only root may give files away"), arguments: ["gnu", "ustar", "oldgnu", "v7"])
  func `older formats are read as far as they go`(_ format: String) async throws {
    let there = try makeFolder("there")
    var tree = FileTree(inode: inode(0o755, .directory(Directory()), time: Timestamp(seconds: 1_500_000_000)))
    let second = Timestamp(seconds: 1_600_000_000)
    try tree.makeDirectory("d", like: inode(0o2750, .directory(Directory()), time: second))
    let source = MemorySource([UInt8](repeating: 7, count: 300))
    let extents = (0..<30).map { FileExtent(offset: $0 << 16, sourceOffset: 0, count: 300) }
    let sparse = FileContent(size: 3 << 20, source: source, extents: extents)
    let id = try tree.put(inode(0o4644, .file(sparse), time: second), at: "d/sparse")
    try tree.put(inode(0o777, .symlink(Array("../x".utf8)), time: second), at: "d/link")
    var root = try #require(tree.directory(tree.root))
    root[try name(Array("twin".utf8))] = id
    if format == "gnu" || format == "oldgnu" { root[try name([UInt8](repeating: 0xC8, count: 200))] = id }
    tree[tree.root]?.body = .directory(root)
    try FolderWriter(.full).write(tree, into: there)
    let archive = folder.appending("old.tar")
    let more = format.hasSuffix("gnu") ? ["--sparse"] : []
    try await run(
      "tar", ["-cf", archive.string, "-C", there.string, "--format=\(format)", "--numeric-owner"] + more + ["."])
    #expect(try lines(TarArchive(archive).tree()) == lines(tree))
  }

  @Test(arguments: [("gzip", "gz"), ("bzip2", "bz2"), ("xz", "xz"), ("zstd", "zst"), ("lz4", "lz4")])
  func `a compressed archive is the same`(_ tool: String, _ suffix: String) async throws {
    guard Tool.arePresent(tool) else { try Test.cancel("\(tool) is missing") }
    let tree = try oddTree()
    let plain = folder.appending("a.tar")
    try write(tree, to: plain)
    let packed = folder.appending("a.\(suffix)")
    try await run("sh", ["-c", "\(tool) -c < '\(plain)' > '\(packed)'"])
    let archive = TarArchive(packed)
    #expect(try archive.isTar())
    #expect(try lines(archive.tree()) == lines(tree))
    try await run("sh", ["-c", "head -c 300 '\(packed)' > '\(packed).cut'"])
    #expect(throws: ArchiveError.self) { try TarArchive(FilePath("\(packed).cut")).tree() }
  }

  @Test(arguments: [("gzip", 8), ("bzip2", 4), ("xz", 30), ("zstd --check", 4), ("lz4", 4)])
  func `a flipped byte of a checksum is an error`(_ tool: String, _ fromEnd: Int) async throws {
    guard Tool.arePresent(String(tool.prefix { $0 != " " })) else { try Test.cancel("\(tool) is missing") }
    let plain = folder.appending("a.tar")
    try write(oddTree(), to: plain)
    let packed = folder.appending("a.packed")
    try await run("sh", ["-c", "\(tool) -c < '\(plain)' > '\(packed)'"])
    let file = try FileSource(packed)
    var bytes = try file.read(at: 0, count: file.size)
    bytes[bytes.count - fromEnd] ^= 0x10
    let damaged = folder.appending("a.damaged")
    let copy = try FileDescriptor.open(damaged, .writeOnly, options: [.create], permissions: [.ownerReadWrite])
    try copy.closeAfter { _ = try copy.writeAll(bytes) }
    let error = #expect(throws: ArchiveError.self) { try TarArchive(damaged).tree() }
    #expect(error?.kind == .corrupt && error?.description.hasPrefix("\(damaged): corrupt ") == true)
  }

  @Test func `a socket is left out by name`() throws {
    var tree = FileTree(inode: inode(0o755, .directory(Directory())))
    try tree.put(inode(0o755, .socket), at: "s")
    #expect(TarWriter.leftOut(of: tree) == [Array("/s".utf8)])
    try write(tree, to: folder.appending("s.tar"))
    #expect(try TarArchive(folder.appending("s.tar")).tree().find("s") == nil)
  }
}
