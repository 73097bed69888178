import Bytes
import Storage
import SystemPackage
import TestSupport
import Testing

@testable import DiskImage

/// Runs a script in `folder` with its errors fatal; what it says becomes the failure.
@discardableResult
func shell(_ script: String, in folder: FilePath) async throws -> String {
  let result = try await Tool.run("bash", ["-c", "set -euo pipefail; cd '\(folder)'; \(script)"])
  guard result.status == 0 else { throw ScriptFailure(description: "\(script): \(result.output)") }
  return result.output
}

struct ScriptFailure: Error, CustomStringConvertible {
  let description: String
}

/// The partitions in one line each, with sectors of 512 bytes as sfdisk prints them.
private func lines(_ table: PartitionTable) -> [String] {
  table.partitions.map { partition in
    let type: String =
      switch partition.type {
      case .mbr(let type): String(type, radix: 16)
      case .gpt(let type): type.description
      case .whole: "whole"
      }
    return "\(partition.number) \(partition.offset / 512) \(partition.size / 512) \(type) \(partition.partUUID)"
      + (partition.isActive ? " active" : "")
  }
}

@Suite(
  "Partition table", .enabled(if: Tool.arePresent("sfdisk", "sgdisk", "parted"), "needs sfdisk, sgdisk and parted"))
struct PartitionTableTests {
  /// Makes a disk of 200 MiB by a script, and reads its table.
  private func table(_ script: String) async throws -> PartitionTable {
    let folder = try TemporaryFolder()
    try await shell("truncate -s 200M d; \(script)", in: folder.path)
    return try PartitionTable(reading: FileSource(folder.appending("d")))
  }

  @Test func `primary partitions as pi-gen makes them`() async throws {
    let table = try await table(
      """
      parted -s d mklabel msdos unit B mkpart primary fat32 8388608 75497471 mkpart primary ext4 75497472 209715199
      printf '\\x01\\xa0\\x0e\\x9f' | dd of=d bs=1 seek=440 conv=notrunc status=none
      """)
    #expect(table.kind == .mbr)
    #expect(table.signature == 0x9F0E_A001)
    #expect(lines(table) == ["1 16384 131072 c 9f0ea001-01", "2 147456 262144 83 9f0ea001-02"])
    #expect(table.partitions.map(\.isBoot) == [true, false])
    #expect(table.partitions.map(\.isLinux) == [false, true])
  }

  @Test func `logical partitions`() async throws {
    let table = try await table(
      """
      sfdisk -q d <<'END'
      label: dos
      label-id: 0x0000abcd
      d1 : start=2048, size=2048, type=c, bootable
      d3 : start=8192, size=300000, type=f
      d4 : start=4096, size=2048, type=82
      d5 : start=10240, size=2048, type=83
      d6 : start=20480, size=4096, type=b
      d7 : start=30720, size=2048, type=83
      END
      """)
    #expect(
      lines(table) == [
        "1 2048 2048 c 0000abcd-01 active", "3 8192 300000 f 0000abcd-03", "4 4096 2048 82 0000abcd-04",
        "5 10240 2048 83 0000abcd-05", "6 20480 4096 b 0000abcd-06", "7 30720 2048 83 0000abcd-07",
      ])
    #expect(table.partitions.map(\.isExtended) == [false, true, false, false, false, false])
  }

  @Test func `an extended partition without logical ones`() async throws {
    let table = try await table("printf 'label: dos\\nlabel-id: 0x1\\n2048,300000,f\\n' | sfdisk -q d")
    #expect(lines(table) == ["1 2048 300000 f 00000001-01"])
  }

  private static let gpt = """
    sgdisk -U 11111111-2222-3333-4444-555555555555 -n 1:2048:+20M -t 1:ef00 -u 1:aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee \
    -n 3:65536:+40M -t 3:8300 -u 3:01234567-89ab-cdef-0123-456789abcdef -A 3:set:2 d >/dev/null
    """
  private static let gptLines = [
    "1 2048 40960 c12a7328-f81f-11d2-ba4b-00a0c93ec93b aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
    "3 65536 81920 0fc63daf-8483-4772-8e79-3d69d8477de4 01234567-89ab-cdef-0123-456789abcdef active",
  ]

  @Test(arguments: [
    ("", "as it was made"),
    ("sgdisk -h 1:3 d >/dev/null", "with a hybrid MBR"),
    ("dd if=/dev/zero of=d bs=512 seek=1 count=1 conv=notrunc status=none", "without its first header"),
    ("printf x | dd of=d bs=1 seek=1100 conv=notrunc status=none", "with a damaged first entry"),
    ("dd if=/dev/zero of=d bs=512 seek=409599 count=1 conv=notrunc status=none", "without its last header"),
    ("truncate -s 250M d", "on a disk that grew"),
  ])
  func `a GPT`(change: String, comment: String) async throws {
    let table = try await table("\(Self.gpt); \(change)")
    #expect(table.kind == .gpt)
    #expect(lines(table) == Self.gptLines, "\(comment)")
    #expect(table.partitions.map(\.isBoot) == [true, false])
    #expect(table.partitions.map(\.isLinux) == [false, true])
  }

  @Test func `a GPT that lost both headers is corrupt`() async throws {
    await expect("both copies of the GPT are damaged") {
      _ = try await table(
        "\(Self.gpt); for s in 1 409599; do dd if=/dev/zero of=d bs=512 seek=$s count=1 conv=notrunc; done")
    }
  }

  @Test(arguments: [
    (gpt, 3, "partition 3 ends at byte 75497472, the image at 52428800: 23068672 bytes are missing"),
    (
      "printf 'label: dos\\n1,102400,c\\n' | sfdisk -q d", 1,
      "partition 1 ends at byte 52429312, the image at 52428800: 512 bytes are missing"
    ),
  ])
  func `a partition after the end of the image is cut short`(
    script: String, number: Int, message: String
  ) async throws {
    let folder = try TemporaryFolder()
    try await shell("truncate -s 200M d; \(script); truncate -s 50M d", in: folder.path)
    let disk = try FileSource(folder.appending("d"))
    let table = try PartitionTable(reading: disk)
    for partition in table.partitions where partition.number != number { _ = try partition.source(in: disk) }
    let cut = try #require(table.partitions.first { $0.number == number })
    await expect("the image is cut short: \(message)") { _ = try cut.source(in: disk) }
    #expect(try cut.availableSource(in: disk).size == 52_428_800 - cut.offset)
  }

  @Test func `a chain of logical partitions that comes back is corrupt`() async throws {
    // The second record is made to point to the first.
    await expect("the chain of logical partitions comes back to byte 4194304") {
      _ = try await table(
        """
        printf 'label: dos\\nd1: start=8192,size=300000,type=f\\nd5: start=10240,size=2048\\nd6: start=20480,size=2048\\n' |
          sfdisk -q d
        record=$(od -An -tu4 -j $((8192 * 512 + 0x1BE + 16 + 8)) -N 4 d)
        printf '\\0\\0\\0\\0\\005\\0\\0\\0\\0\\0\\0\\0\\001\\0\\0\\0' |
          dd of=d bs=1 seek=$(((8192 + record) * 512 + 0x1BE + 16)) conv=notrunc status=none
        """)
    }
  }

  @Test(arguments: [
    ("mke2fs -q -t ext4 d", PartitionContent.ext4), ("mkfs.vfat -F 32 d >/dev/null", .fat),
    ("mkfs.vfat -F 16 d >/dev/null", .fat),
  ])
  func `a bare file system`(script: String, content: PartitionContent) async throws {
    let table = try await table(script)
    #expect(table.kind == .none)
    #expect(lines(table) == ["0 0 409600 whole "])
  }

  @Test func `a file that is no disk is not handled`() async throws {
    await expect("neither a partition table nor a known file system") { _ = try await table("true") }
    #expect(throws: DiskImageError.self) { try PartitionTable(reading: MemorySource([])) }
  }

  @Test func `an empty table has no partitions`() async throws {
    let table = try await table("printf 'label: dos\\nlabel-id: 0x77\\n' | sfdisk -q d")
    #expect(table.kind == .mbr)
    #expect(table.signature == 0x77)
    #expect(table.partitions.isEmpty)
  }
}

@Suite("Partition content")
struct PartitionContentTests {
  @Test(
    .enabled(
      if: Tool.arePresent("mke2fs", "mkfs.vfat", "mkfs.btrfs", "mksquashfs", "mkswap"), "needs five kinds of mkfs"),
    arguments: [
      ("mke2fs -q -t ext4 d", PartitionContent.ext4), ("mke2fs -q -t ext2 -b 1024 d", .ext4),
      ("mkfs.vfat -F 12 -C f 4000; cp f d", .fat), ("mkfs.vfat -F 16 d", .fat), ("mkfs.vfat -F 32 d", .fat),
      ("mkfs.btrfs -q d", .btrfs), ("mkdir s; date > s/x; rm d; mksquashfs s d -quiet", .squashfs),
      ("mkswap d", .swap), ("mkswap -p 16384 d", .swap), ("true", .unknown), ("rm d; : > d", .unknown),
      ("mkfs.btrfs -q d; mkfs.vfat d", .fat), ("mkfs.vfat d; mke2fs -q -F d", .ext4),
      ("mke2fs -q d; mkfs.btrfs -q -f d", .btrfs), ("mkfs.btrfs -q d; mkswap -f d", .swap),
    ])
  func `is told by its magic`(script: String, content: PartitionContent) async throws {
    let folder = try TemporaryFolder()
    try await shell("truncate -s 120M d; { \(script); } >/dev/null 2>&1", in: folder.path)
    #expect(try PartitionContent(of: FileSource(folder.appending("d"))) == content)
  }
}

/// Expects `body` to fail with an error that says `message`.
func expect(_ message: String, at place: SourceLocation = #_sourceLocation, _ body: () async throws -> Void) async {
  let error = await #expect(throws: DiskImageError.self, sourceLocation: place) { try await body() }
  #expect(error?.description == message, sourceLocation: place)
}
