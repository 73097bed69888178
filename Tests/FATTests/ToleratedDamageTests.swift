import Bytes
import FileTree
import Storage
import SystemPackage
import TestSupport
import Testing

@testable import FAT

/// The beginning of a FAT32 that mtools filled, as a smaller one: mtools does not take such a small one for a FAT32.
func small(_ file: FileSource) throws -> [UInt8] {
  let boot = try file.read(at: 0, count: 512)
  let tableSectors: UInt32 = boot.span.le(36)
  let sectors = 32 + 2 * tableSectors + 100
  var bytes = try file.read(at: 0, count: Int(sectors) * 512)
  bytes.store(le: sectors, at: 32)
  bytes.store(le: UInt32.max, at: 512 + 0x1E8)
  return bytes
}

/// What is wrong with a FAT and takes nothing away from its files: each is warned of, and the tree is the same.
@Suite("Damage that is read past", .enabled(if: Tool.arePresent("mkfs.vfat", "mcopy", "mmd"), "needs mtools"))
struct ToleratedDamageTests {
  /// A FAT of one file in the root and one in a folder.
  private struct Image {
    var bytes: [UInt8]
    /// Where the tables and cluster 2 begin.
    let table: Int
    let tableSize: Int
    let root: Int
    let data: Int

    init(_ width: Int) async throws {
      let folder = try TemporaryFolder()
      let sizes = [12: "256K", 16: "3M", 32: "40M"]
      try await shell(
        """
        truncate -s \(sizes[width] ?? "") f; mkfs.vfat -F \(width) -s 1 -n LABEL f >/dev/null 2>&1
        echo hello > hello.txt; mmd -i f ::/folder
        mcopy -m -i f hello.txt ::/; mcopy -m -i f hello.txt '::/folder/a long name.text'
        """, in: folder.path)
      let file = try FileSource(folder.appending("f"))
      let bytes = try width == 32 ? small(file) : file.read(at: 0, count: file.size)
      self.bytes = bytes
      table = Int(bytes.span.le(14, as: UInt16.self)) * 512
      let short = Int(bytes.span.le(22, as: UInt16.self))
      let long = Int(bytes.span.le(36, as: UInt32.self))
      tableSize = (short == 0 ? long : short) * 512
      root = table + 2 * tableSize
      data = root + Int(bytes.span.le(17, as: UInt16.self)) * 32
    }

    /// The clusters in the order of mtools: `folder` first, after FAT32's root directory.
    func cluster(_ index: Int) -> Int { data + index * 512 }
  }

  private func expect(
    _ warnings: [String], of bytes: [UInt8], at place: SourceLocation = #_sourceLocation
  ) throws {
    let log = WarningLog()
    let tree = try FATReader(MemorySource(bytes), policy: log.policy()).tree()
    #expect(log.all == warnings, sourceLocation: place)
    for path: TreePath in ["hello.txt", "folder/a long name.text"] {
      guard case .file(let content)? = tree.inode(at: path)?.body else {
        Issue.record("\(path) is not there", sourceLocation: place)
        continue
      }
      #expect(try content.read() == Array("hello\n".utf8), sourceLocation: place)
    }
  }

  @Test(arguments: [12, 16, 32]) func `a clean volume has nothing to warn of`(width: Int) async throws {
    let image = try await Image(width)
    #expect(try FATReader(MemorySource(image.bytes)).width.rawValue == width)
    try expect([], of: image.bytes)
  }

  @Test func `marks of the last user`() async throws {
    let dirty = "the file system was not unmounted, and may be damaged"
    let sick = "the file system remembers errors of its disk"
    for (width, state, high) in [(12, 0x25, 0), (16, 0x25, 3), (32, 0x41, 7)] {
      var image = try await Image(width)
      image.bytes[state] |= 1
      try expect([dirty], of: image.bytes)
      guard high > 0 else { continue }
      image.bytes[state] &= ~1
      let copies = [image.table, image.table + image.tableSize].map { $0 + high }
      for copy in copies { image.bytes[copy] ^= width == 16 ? 0x80 : 0x08 }
      try expect([dirty], of: image.bytes)
      for copy in copies { image.bytes[copy] ^= width == 16 ? 0xC0 : 0x0C }
      try expect([sick], of: image.bytes)
    }
  }

  @Test func `a first entry that does not repeat the medium`() async throws {
    var image = try await Image(16)
    image.bytes[0x15] = 0xF0
    try expect(["the table begins with 248, not with the medium 240"], of: image.bytes)
  }

  @Test(arguments: [12, 16, 32]) func `a second table that differs`(width: Int) async throws {
    var image = try await Image(width)
    image.bytes[image.table + image.tableSize + 100] ^= 0x55
    try expect(["copy 2 of the table differs from copy 1, which is read"], of: image.bytes)
  }

  @Test func `a broken FSInfo`() async throws {
    let image = try await Image(32)
    for place in [512, 512 + 0x1E4] {
      var bytes = image.bytes
      bytes[place] = 0
      try expect(["FSInfo is not one"], of: bytes)
    }
    var bytes = image.bytes
    bytes.store(le: UInt32(100_000), at: 512 + 0x1E8)
    let count = try FATReader(MemorySource(bytes)).clusterCount
    try expect(["FSInfo counts 100000 free clusters, of \(count)"], of: bytes)
    bytes.store(le: UInt32.max, at: 512 + 0x1E8)
    try expect([], of: bytes)
    bytes.store(le: UInt16(0), at: 0x30)
    try expect([], of: bytes)
    bytes.store(le: UInt16(0xFFFF), at: 0x30)
    try expect(["FSInfo lies after the end"], of: bytes)
  }

  /// Windows writes only the active table then; Linux reads the first all the same, and writes all.
  @Test func `tables that are not kept the same`() async throws {
    var image = try await Image(32)
    image.bytes.store(le: UInt16(0x81), at: 0x28)
    let zeros = [UInt8](repeating: 0, count: image.tableSize)
    image.bytes.store(zeros, at: image.table)
    try expect(["copy 2 of the table is the only one in use, and is read"], of: image.bytes)
    image.bytes.store(le: UInt16(0x82), at: 0x28)
    let error = #expect(throws: FATError.self) { try FATReader(MemorySource(image.bytes)) }
    #expect(error?.description == "corrupt FAT: BPB_ExtFlags is 130 in the boot sector")
  }

  @Test func `chains and sizes that are not needed`() async throws {
    var image = try await Image(16)
    // Behind the label: `folder`, then `hello.txt` in cluster 3.
    let hello = image.root + 64
    for table in [image.table, image.table + image.tableSize] {
      image.bytes.store(le: UInt16(100), at: table + 2 * 3)
      image.bytes.store(le: UInt16(0xFFFF), at: table + 2 * 100)
    }
    try expect(["/hello.txt: its chain goes on after its end"], of: image.bytes)
    #expect(image.bytes[hello + 0x1A] == 3)

    image = try await Image(16)
    image.bytes.store(le: UInt32(5), at: image.root + 32 + 0x1C)
    try expect(["/folder: a folder with a size of 5 bytes"], of: image.bytes)

    image = try await Image(16)
    image.bytes.store(Array("EMPTY      ".utf8) + [0x20], at: image.root + 96)
    image.bytes.store(le: UInt16(200), at: image.root + 96 + 0x1A)
    try expect(["/EMPTY: an empty file with a cluster"], of: image.bytes)

    image.bytes[image.root + 96 + 0x0B] = 0x10
    image.bytes.store(le: UInt16(0), at: image.root + 96 + 0x1A)
    try expect(["/EMPTY: a folder without a cluster is taken as empty"], of: image.bytes)
  }

  @Test func `wrong entries for a folder itself and its parent`() async throws {
    let image = try await Image(16)
    let folder = image.cluster(0)
    var bytes = image.bytes
    bytes.store(le: UInt16(9), at: folder + 0x1A)
    try expect(["/folder: . leads to cluster 9, not 2"], of: bytes)
    bytes = image.bytes
    bytes.store(le: UInt16(9), at: folder + 32 + 0x1A)
    try expect(["/folder: .. leads to cluster 9, not 0"], of: bytes)
    bytes = image.bytes
    bytes[folder] = 0xE5
    try expect(["/folder: no . and .. at its beginning"], of: bytes)
    bytes = image.bytes
    bytes.store(image.bytes[folder..<folder + 64], at: image.root + 96)
    try expect(["/: entries . and .. out of place are ignored: 2"], of: bytes)
  }

  @Test func `entries that belong to no file`() async throws {
    let image = try await Image(16)
    let folder = image.cluster(0)
    var bytes = image.bytes
    // A second copy of the long name, in front of the whole one's end mark.
    bytes.store(image.bytes[folder + 64..<folder + 128], at: folder + 160)
    try expect(["/folder: parts of long names that belong to no file are ignored: 2"], of: bytes)
    bytes = image.bytes
    bytes.store([UInt8](repeating: 0x20, count: 12), at: image.root + 96)
    try expect(["/: entries without a name are ignored: 1"], of: bytes)
    bytes = image.bytes
    bytes.store(Array("BEHIND     ".utf8) + [0x20], at: image.root + 128)
    try expect(["/: entries after the end mark are ignored: 1"], of: bytes)
    bytes = image.bytes
    bytes.store(Array("HELLO   TXT".utf8) + [0x20], at: folder + 160)
    try expect([], of: bytes)
    bytes.store(image.bytes[folder + 128..<folder + 160], at: folder + 160)
    bytes.store(le: UInt32(0), at: folder + 160 + 0x1C)
    bytes.store(le: UInt16(0), at: folder + 160 + 0x1A)
    try expect(["/folder/ALONGN~1.TEX: another file has its short name too"], of: bytes)
  }
}
