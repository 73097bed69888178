import Bytes
import Storage
import SystemPackage
import TestSupport
import Testing

@testable import DiskImage

/// A disk made by a script: its table, and what it was warned of.
private struct Made {
  let folder: TemporaryFolder
  let log = WarningLog()
  var disk: FileSource { get throws { try FileSource(folder.appending("d")) } }

  init(_ script: String, size: String = "64M") async throws {
    folder = try TemporaryFolder()
    try await shell("truncate -s \(size) d; \(script)", in: folder.path)
  }

  func table(verifiesChecksums: Bool = true) throws -> PartitionTable {
    try PartitionTable(reading: disk, policy: log.policy(verifiesChecksums: verifiesChecksums))
  }
}

/// The partitions as number, first byte and bytes.
private func places(_ table: PartitionTable) -> [[Int]] { table.partitions.map { [$0.number, $0.offset, $0.size] } }

@Suite(
  "Damaged partition tables", .enabled(if: Tool.arePresent("sfdisk", "sgdisk", "mkfs.vfat"), "needs sfdisk and sgdisk"))
struct TableDamageTests {
  private static let gpt = "sgdisk -n 1:2048:+20M -t 1:ef00 -c 1:bootfs -n 2:0:+20M -c 2:root d >/dev/null"
  private static let gptPlaces = [[1, 1 << 20, 20 << 20], [2, 21 << 20, 20 << 20]]

  @Test(arguments: [
    ("true", []),
    (
      "dd if=/dev/zero of=d bs=512 seek=1 count=1 conv=notrunc",
      ["the GPT at the front is damaged: the one at the end is used"]
    ),
    ("printf x | dd of=d bs=1 seek=1100 conv=notrunc", ["the GPT at the front is damaged: the one at the end is used"]),
    ("dd if=/dev/zero of=d bs=512 seek=131071 count=1 conv=notrunc", ["the GPT at the end is damaged or not there"]),
    ("printf x | dd of=d bs=512 seek=131040 conv=notrunc", ["the GPT at the end is damaged or not there"]),
    ("truncate -s 50M d", ["the GPT at the end is damaged or not there"]),
    ("truncate -s 70M d", []),
    ("dd if=/dev/zero of=d bs=512 count=1 conv=notrunc", ["no MBR protects the GPT, which is used"]),
    (
      "cp d e; sgdisk -c 2:other e; dd if=e of=d bs=512 skip=131039 seek=131039 count=33 conv=notrunc",
      ["the GPT at the end differs from the one at the front, which is used"]
    ),
  ])
  func `of which one copy of a GPT is whole`(change: String, warnings: [String]) async throws {
    let made = try await Made("\(Self.gpt); { \(change); } >/dev/null 2>&1")
    let table = try made.table()
    #expect(places(table) == Self.gptPlaces)
    #expect(table.partitions.map(\.name) == ["bootfs", "root"])
    #expect(made.log.all == warnings)
  }

  @Test func `whose checksums are all wrong`() async throws {
    let made = try await Made(
      "\(Self.gpt); for s in 2 131039; do printf x | dd of=d bs=1 seek=$((s*512+57)) conv=notrunc status=none; done")
    await expect("both copies of the GPT are damaged") { _ = try made.table() }
    #expect(places(try made.table(verifiesChecksums: false)) == Self.gptPlaces)
    #expect(made.log.all == ["the checksums of both GPTs are wrong: the one at the front is used"])
  }

  @Test func `of two kinds on one disk`() async throws {
    var made = try await Made("\(Self.gpt); sgdisk -h 1:2 d >/dev/null")
    var table = try made.table()
    #expect(table.kind == .gpt && table.isHybrid)
    #expect(places(table) == Self.gptPlaces)
    #expect(made.log.all == [])
    // The GPT's partition goes, the MBR's stays.
    made = try await Made(
      """
      \(Self.gpt); sgdisk -h 1:2 d >/dev/null; dd if=d of=m bs=512 count=1 status=none
      sgdisk -d 2 d >/dev/null; dd if=m of=d conv=notrunc status=none
      """)
    table = try made.table()
    #expect(places(table) == [Self.gptPlaces[0]])
    #expect(made.log.all == ["the MBR names a partition at byte 22020096 that the GPT, which is used, does not have"])
    // A tool that does not know GPT wrote its own table.
    made = try await Made(
      """
      truncate -s 64M e; printf 'label: dos\\n2048,2048,c\\n' | sfdisk -q e
      \(Self.gpt); dd if=e of=d bs=512 count=1 conv=notrunc status=none
      """)
    table = try made.table()
    #expect(table.kind == .mbr)
    #expect(places(table) == [[1, 1 << 20, 1 << 20]])
    #expect(made.log.all == ["the MBR, which is used, does not know of the GPT"])
  }

  @Test func `whose partitions overlap`() async throws {
    // No tool makes it so: the first partition grows into the second.
    let made = try await Made(
      """
      printf 'label: dos\\n2048,2048,c\\n4096,4096,83\\n10000,500,83\\n' | sfdisk -q d
      printf '\\0\\x10' | dd of=d bs=1 seek=458 conv=notrunc status=none
      """)
    #expect(try made.table().partitions.count == 3)
    #expect(made.log.all == ["partitions 1 and 2 overlap"])
  }

  @Test func `whose logical partitions are not all there`() async throws {
    let script = """
      sfdisk -q d <<'END'
      label: dos
      d1 : start=2048, size=2048, type=c
      d4 : start=8192, size=100000, type=f
      d5 : start=10240, size=2048
      d6 : start=20480, size=2048
      d7 : start=90000, size=2048
      END
      """
    var made = try await Made("\(script)\ntruncate -s 20M d")
    #expect(try made.table().partitions.map(\.number) == [1, 4, 5, 6])
    #expect(made.log.all.count == 1 && made.log.all[0].hasSuffix("which is not there, and ends"), "\(made.log.all)")
    // The record of partition 6, 2048 sectors before it, loses its mark.
    made = try await Made(
      "\(script)\nprintf '\\0\\0' | dd of=d bs=1 seek=$((18432 * 512 + 510)) conv=notrunc status=none")
    #expect(try made.table().partitions.map(\.number) == [1, 4, 5])
    #expect(made.log.all == ["no record of a logical partition is at byte 9437184, where the chain leads, and ends"])
  }

  @Test func `with more partitions than Linux numbers`() async throws {
    let made = try await Made(
      """
      sgdisk -S 1024 -a 1 -n 255:5000:+1 d >/dev/null; cp d e; sgdisk -a 1 -n 256:6000:+1 d >/dev/null
      """)
    await expect("partition 256 of a GPT is beyond the 255 that Linux numbers") { _ = try made.table() }
    let other = try PartitionTable(reading: FileSource(made.folder.appending("e")))
    #expect(other.partitions.map(\.number) == [255])
  }

  @Test func `that never end`() throws {
    // Each record holds no partition and leads to the next one.
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    func put(_ place: Int, type: UInt8, first: Int, count: Int, slot: Int) {
      let entry = place * 512 + 0x1BE + 16 * slot
      bytes[entry + 4] = type
      bytes.store(le: UInt32(first), at: entry + 8)
      bytes.store(le: UInt32(count), at: entry + 12)
      bytes.store(le: UInt16(0xAA55), at: place * 512 + 510)
    }
    put(0, type: 5, first: 1, count: 2000, slot: 0)
    for place in 1..<1000 { put(place, type: 5, first: place, count: 1, slot: 1) }
    let error = #expect(throws: DiskImageError.self) { try PartitionTable(reading: MemorySource(bytes)) }
    #expect(error?.description == "more than 256 records of logical partitions, up to byte 131584")
  }
}

@Suite("Disks with sectors of 4096 bytes", .enabled(if: Tool.arePresent("mkfs.vfat", "mke2fs"), "needs mkfs"))
struct LargeSectorTests {
  /// No tool here writes such tables into a plain file, so their 512-byte forms are moved.
  @Test func `an MBR is counted so if only then its partitions hold something`() async throws {
    let script = """
      printf 'label: dos\\nlabel-id: 0x1\\n256,1024,c\\n2048,2048,83\\n' | sfdisk -q d
      truncate -s 4M f; mkfs.vfat f >/dev/null; dd if=f of=d bs=4096 seek=256 conv=notrunc status=none
      truncate -s 8M e; mke2fs -q e; dd if=e of=d bs=4096 seek=2048 conv=notrunc status=none
      """
    let made = try await Made(script)
    let table = try made.table()
    #expect(table.sectorSize == 4096)
    #expect(places(table) == [[1, 1 << 20, 4 << 20], [2, 8 << 20, 8 << 20]])
    #expect(made.log.all == [])
    // The same disk with something where 512-byte sectors lead is an ordinary one.
    let plain = try await Made("\(script); dd if=f of=d bs=512 seek=256 conv=notrunc status=none")
    #expect(try plain.table().sectorSize == 512)
  }

  @Test(.enabled(if: Tool.arePresent("losetup", "sgdisk", "sfdisk"), "needs losetup"))
  func `a GPT is found by its place`() async throws {
    let made = try await Made("true")
    let path = made.folder.appending("d")
    // Only a block device can tell the tools of its sectors.
    let loop = try await Tool.run("losetup", ["-f", "--show", "-b", "4096", path.string])
    guard loop.status == 0 else { try Test.cancel("losetup: \(loop.output)") }
    let device = String(loop.standardOutput.prefix { $0 != "\n" })
    let result = try await Tool.run(
      "sgdisk", ["-n", "1:256:511", "-t", "1:ef00", "-n", "2:512:1023", "-c", "2:root", device])
    _ = try await Tool.run("losetup", ["-d", device])
    #expect(result.status == 0, "\(result.output)")
    let table = try made.table()
    #expect(table.kind == .gpt && table.sectorSize == 4096)
    #expect(places(table) == [[1, 1 << 20, 1 << 20], [2, 2 << 20, 2 << 20]])
    #expect(made.log.all == [])
  }
}
