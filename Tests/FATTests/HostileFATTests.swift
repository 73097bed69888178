import Bytes
import FileTree
import Storage
import TestSupport
import Testing

@testable import FAT

/// The bytes of a small FAT16 with files in the root and a folder, and one file of three clusters.
///
/// Clusters: 2 to 3 hold `/a.bin`, 4 the folder `/sub`, 5 to 7 `/big.bin`, 8 `/sub/c.bin`.
private func image() throws -> [UInt8] {
  let source = MemorySource([UInt8](repeating: 0xAA, count: 1000), name: "base")
  let foreign = FileContent(
    size: 1000, source: source, extent: FileExtent(offset: 0, sourceOffset: 0, count: 1000))
  let tree = try makeTree([
    ("a.bin", foreign), ("big.bin", FileContent(bytes: [UInt8](repeating: 0xBB, count: 1200))),
    ("sub/c.bin", FileContent(bytes: [0xCC])),
  ])
  let options = FATOptions(size: 3 << 20, serial: 1, label: "HOSTILE", hiddenSectors: 0)
  return try FATLayout(tree, options: options).runs.bytes()
}

extension [Run] {
  /// All of the runs in memory.
  func bytes() throws -> [UInt8] {
    var bytes: [UInt8] = []
    for run in self {
      switch run {
      case .zeros(let count): bytes += [UInt8](repeating: 0, count: count)
      case .bytes(let data): bytes += data
      case .source(let source, let offset, let count): bytes += try source.read(at: offset, count: count)
      }
    }
    return bytes
  }
}

@Suite("Hostile FATs")
struct HostileFATTests {
  private let original: [UInt8]
  /// Where the first table, the root directory and cluster 2 begin.
  private let table = 512
  private let root: Int
  private let data: Int

  init() throws {
    let original = try image()
    self.original = original
    root = 512 + 2 * 512 * Int(original.span.le(0x16, as: UInt16.self))
    data = root + 512 * 32
  }

  /// Expects reading the image, once `change` was made, to fail with an error that says `message`.
  private func expect(
    _ message: String, at place: SourceLocation = #_sourceLocation, _ change: (inout [UInt8]) -> Void
  ) {
    var bytes = original
    change(&bytes)
    let error = #expect(throws: FATError.self, sourceLocation: place) {
      try FATReader(MemorySource(bytes)).tree()
    }
    #expect(error?.description == message, sourceLocation: place)
    #expect(error?.kind == .corrupt || error?.kind == .unsupported, sourceLocation: place)
  }

  @Test func `the image is whole before it is changed`() throws {
    let tree = try FATReader(MemorySource(original)).tree()
    #expect(try listing(tree).count == 4)
  }

  @Test func `chains that lead astray`() {
    expect("corrupt FAT: /a.bin: cluster 3 is marked free") { $0.store(le: UInt16(0), at: table + 6) }
    expect("corrupt FAT: /a.bin: cluster 2 is marked bad") { $0.store(le: UInt16(0xFFF7), at: table + 4) }
    expect("corrupt FAT: /a.bin: cluster 1 does not exist") { $0.store(le: UInt16(1), at: table + 4) }
    expect("corrupt FAT: /a.bin: cluster 61440 does not exist") { $0.store(le: UInt16(0xF000), at: table + 4) }
    expect("corrupt FAT: /a.bin: cluster 2 comes twice in the chain") {
      $0.store(le: UInt16(2), at: table + 4)
    }
    expect("corrupt FAT: /a.bin: the chain ends after 1 clusters, the file needs 2") {
      $0.store(le: UInt16(0xFFFF), at: table + 4)
    }
    expect("corrupt FAT: /big.bin: cluster 3 belongs to another file already") {
      $0.store(le: UInt16(3), at: table + 10)
    }
    expect("corrupt FAT: /sub: cluster 4 comes twice in the chain") {
      $0.store(le: UInt16(4), at: table + 8)
    }
  }

  @Test func `a folder that holds itself`() {
    // The entry of c.bin, after `.` and `..`, becomes a folder in the cluster of its own folder.
    expect("corrupt FAT: /sub/c.bin: cluster 4 belongs to another file already") {
      let entry = data + 2 * 512 + 64
      $0[entry + 0x0B] = 0x10
      $0.store(le: UInt16(4), at: entry + 0x1A)
    }
  }

  @Test func `a file whose size is a lie`() {
    expect("corrupt FAT: /a.bin: the chain ends after 2 clusters, the file needs 8388608") {
      $0.store(le: UInt32.max, at: root + 32 + 0x1C)
    }
  }

  @Test func `a first cluster without a size, and a size of zero without one, are empty files`() throws {
    var bytes = original
    bytes.store(le: UInt32(0), at: root + 32 + 0x1C)
    let tree = try FATReader(MemorySource(bytes)).tree()
    guard case .file(let content)? = tree.inode(at: "a.bin")?.body else {
      Issue.record("a.bin is a file")
      return
    }
    #expect(content.size == 0)
  }

  @Test func `impossible names`() {
    expect("corrupt FAT: /: entry 1 has an impossible name") { $0[root + 32] = 0x2F }
    expect("corrupt FAT: /BIG.BIN: occurs twice") {
      for entry in [root + 32, root + 64] { $0.store(Array("BIG     BIN\u{20}\0".utf8), at: entry) }
    }
    expect("corrupt FAT: /big.bin: occurs twice, also as BIG.BIN") {
      $0.store(Array("BIG     BIN\u{20}\0".utf8), at: root + 32)
      $0.store(Array("BIG     BIN\u{20}\u{18}".utf8), at: root + 64)
      $0.store(Array("BIG     BIN\u{20}\0".utf8), at: root + 96)
    }
  }

  @Test func `boot sectors that are none`() {
    expect("corrupt FAT: BPB_BytsPerSec is 513 in the boot sector") { $0.store(le: UInt16(513), at: 0x0B) }
    expect("corrupt FAT: BPB_SecPerClus is 0 in the boot sector") { $0[0x0D] = 0 }
    expect("corrupt FAT: BPB_SecPerClus is 3 in the boot sector") { $0[0x0D] = 3 }
    expect("corrupt FAT: BPB_RsvdSecCnt is 0 in the boot sector") { $0.store(le: UInt16(0), at: 0x0E) }
    expect("corrupt FAT: BPB_NumFATs is 0 in the boot sector") { $0[0x10] = 0 }
    expect("corrupt FAT: BPB_RootEntCnt is 0 in the boot sector") { $0.store(le: UInt16(0), at: 0x11) }
    expect("corrupt FAT: BPB_Media is 0 in the boot sector") { $0[0x15] = 0 }
    expect("corrupt FAT: BPB_TotSec is 20 in the boot sector") { $0.store(le: UInt16(20), at: 0x13) }
    expect("corrupt FAT: it ends at byte 3146240, its partition at 3145728") { $0.store(le: UInt16(6145), at: 0x13) }
    expect("corrupt FAT: it ends at byte 3145728, its partition at 3145727") { $0.removeLast() }
    #expect(throws: FATError.self) { try FATReader(MemorySource([1, 2, 3])) }
  }

  /// Whatever the metadata says, reading ends with a tree whose contents lie inside the image, or with an error.
  @Test func `end with a tree or an error`() throws {
    let used = original.indices.filter { $0 < data + 8 * 512 && original[$0] != 0 }
    var random = SplitMix64(Fuzzing.seed(0xFA7))
    var trees = 0
    for round in 0..<Fuzzing.rounds(300) {
      var bytes = original
      for _ in 0...random.next() % 6 {
        let near = used[Int(random.next() % UInt64(used.count))] + Int(random.next() % 4)
        bytes[near] = UInt8(truncatingIfNeeded: random.next())
      }
      // As FAT32, the same bytes mean something else.
      if round % 5 == 0 { bytes.store(le: UInt16(0), at: 0x16) }
      if round % 10 == 0 { bytes.store(le: UInt32(20), at: 0x24) }
      if round % 20 == 0 { bytes.removeLast(Int(random.next() % UInt64(bytes.count))) }
      do {
        let tree = try FATReader(MemorySource(bytes)).tree()
        _ = try listing(tree)
        trees += 1
      } catch let error as FATError {
        #expect(error.kind != .io, "\(error)")
      }
    }
    #expect(trees > 20)
  }
}
