import Btrfs
import Bytes
import FileTree
import Storage
import TestSupport
import Testing

@Suite(.enabled(if: Tool.arePresent("btrfs"), "btrfs-progs is not installed"))
struct `Send streams` {
  private let place: TemporaryFolder

  init() throws { place = try TemporaryFolder() }

  @Test(arguments: StreamForm.allCases)
  func `btrfs receive reads a whole subvolume's`(_ form: StreamForm) async throws {
    let stream = try SendStream(of: subvolume(boot: bootTree(), root: oddTree()))
    let result = try await dump(try stream.bytes(as: "base", form: form), in: place)
    #expect(result.status == 0, "\(result.output.suffix(2000))")
    let lines = result.standardOutput.split(separator: "\n")
    #expect(lines.first?.contains("./base") == true && lines.first?.contains("\(stream.identity.uuid)") == true)
    #expect(lines.contains { $0.hasPrefix("encoded_write") } == (form == .v2Zstd))
  }

  @Test func `the same trees give the same bytes, and one identity in every form`() throws {
    let first = try SendStream(of: subvolume(boot: bootTree(), root: oddTree()))
    let second = try SendStream(of: subvolume(boot: bootTree(), root: oddTree()))
    #expect(first.identity == second.identity)
    for form in StreamForm.allCases {
      #expect(try first.bytes(as: "base", form: form) == second.bytes(as: "base", form: form))
    }
    var other = try oddTree()
    try other.put(file("raspberryPi\n"), at: "etc/hostname")
    #expect(try SendStream(of: subvolume(boot: bootTree(), root: other)).identity != first.identity)
  }

  @Test func `a known source stands for its bytes`() throws {
    func stream(_ source: MemorySource, known: Bool) throws -> Identity {
      var tree = FileTree(inode: folder(0o755))
      let extent = FileExtent(offset: 0, sourceOffset: 10, count: 5000)
      let content = FileContent(size: 5000, source: source, extent: extent)
      try tree.put(Inode(mode: 0o644, time: noon, body: .file(content)), at: "file")
      let digest = SHA256.of([1])
      return try SendStream(
        of: subvolume(boot: bootTree(), root: tree), known: known ? [KnownSource(source, digest: digest)] : []
      ).identity
    }
    #expect(try stream(MemorySource(noise(9000)), known: true) == stream(MemorySource(text(9000)), known: true))
    #expect(try stream(MemorySource(noise(9000)), known: false) == stream(MemorySource(noise(9000)), known: false))
    #expect(try stream(MemorySource(noise(9000)), known: false) != stream(MemorySource(text(9000)), known: false))
  }

  @Test func `a node without changes is a header, a snapshot and an end`() throws {
    let base = subvolume(boot: try bootTree(), root: try oddTree())
    let stream = try SendStream(of: base)
    let node = try SendStream(of: base, since: base, sentAs: stream, comparing: .places)
    #expect(node.parent == stream.identity)
    #expect(try node.bytes(as: "node").count == 17 + 10 + 8 + 20 + 12 + 20 + 12 + 10)
  }

  @Test func `what btrfs cannot hold is refused by its path`() throws {
    var tree = try oddTree()
    try tree.modify("etc/hostname") { (inode: inout Inode) in
      inode.xattrs = [ExtendedAttribute(name: Array("user.big".utf8), value: noise(16_300))]
    }
    #expect(throws: BtrfsError.self) { try SendStream(of: subvolume(boot: bootTree(), root: tree)) }
    tree = FileTree(inode: folder(0o755))
    var path = TreePath()
    for _ in 0..<20 { path = path.appending(try #require(Name([UInt8](repeating: 0x61, count: 200)))) }
    try tree.makeDirectory(path, like: folder(0o755))
    #expect(throws: BtrfsError.self) { try SendStream(of: subvolume(boot: bootTree(), root: tree)) }
  }
}
