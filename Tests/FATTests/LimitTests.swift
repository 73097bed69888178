import Bytes
import FileTree
import Storage
import SystemPackage
import TestSupport
import Testing

@testable import FAT

@Suite("FATs at their limits", .enabled(if: Tool.arePresent("mkfs.vfat", "mcopy", "7z"), "needs mtools and 7z"))
struct FATLimitTests {
  @Test(arguments: [12, 16]) func `a root directory without room for an end mark`(width: Int) async throws {
    let folder = try TemporaryFolder()
    try await shell(
      """
      truncate -s \(width == 12 ? "1M" : "8M") f; mkfs.vfat -F \(width) -s 1 -r 16 -n LABEL f >/dev/null
      for i in {1..15}; do echo $i > x; mcopy -i f x ::/FILE$i; done
      """, in: folder.path)
    let log = WarningLog()
    let tree = try FATReader(FileSource(folder.appending("f")), policy: log.policy()).tree()
    #expect(tree.directory(tree.root)?.count == 15)
    #expect(log.all == [])
  }

  @Test func `clusters that are marked bad are nobody's`() async throws {
    let folder = try TemporaryFolder()
    try await shell(
      """
      truncate -s 8M f; printf '1000\\n1001\\n' > bad; mkfs.vfat -F 16 -s 1 -l bad f >/dev/null
      head -c 3000000 /dev/urandom > x; mcopy -i f x ::/x; mcopy -n -i f ::/x y; cmp x y
      """, in: folder.path)
    let reader = try FATReader(FileSource(folder.appending("f")))
    guard case .file(let content)? = try reader.tree().inode(at: "x")?.body else {
      Issue.record("x is a file")
      return
    }
    #expect(content.extents.count == 2)
    let file = try FileSource(folder.appending("x"))
    #expect(try content.read() == file.read(at: 0, count: file.size))
  }

  /// The largest file there is. All of it is a hole, so that the image costs nothing.
  @Test func `a file of one byte less than 4 GiB`() async throws {
    let size = Int(UInt32.max)
    let hole = FileContent(size: size, source: MemorySource([]), extents: [])
    let layout = try FATLayout(
      makeTree([("big.bin", hole), ("small.bin", noise(5))]),
      options: FATOptions(size: 5 << 30, serial: 1, label: "BIG", hiddenSectors: 0))
    let folder = try TemporaryFolder()
    let path = folder.appending("f")
    try write(layout.runs, to: path)
    // fsck.fat counts the chain of such a file in 32 bits, and takes it for empty.
    let list = try await Tool.run("7z", ["l", "-slt", path.string])
    #expect(list.output.contains("Size = 4294967295"), "\(list.output)")
    let log = WarningLog()
    let tree = try FATReader(FileSource(path), policy: log.policy()).tree()
    #expect(log.all == [])
    guard case .file(let content)? = tree.inode(at: "big.bin")?.body else {
      Issue.record("big.bin is a file")
      return
    }
    #expect(content.size == size)
    #expect(content.extents.reduce(0) { $0 + $1.count } == size)
  }

  /// A boot sector may claim a table of a GiB: the memory for it is what its files need.
  @Test func `a table of half a GiB`() async throws {
    let folder = try TemporaryFolder()
    // Two tables of 2^20 sectors for 2^27 - 2^21 clusters; of all that, only the first sectors are there.
    try await shell("truncate -s 64G f; mkfs.vfat -F 32 -s 1 -f 1 -C small 65536 >/dev/null", in: folder.path)
    let small = try FileSource(folder.appending("small"))
    var boot = try small.read(at: 0, count: 32 * 512)
    boot.store(le: UInt32(128 << 20), at: 0x20)
    boot.store(le: UInt32(1 << 20), at: 0x24)
    boot.store(le: UInt32.max, at: 512 + 0x1E8)
    var table = [UInt8](repeating: 0xFF, count: 512)
    table[0] = 0xF8
    let path = folder.appending("f")
    let file = try FileDescriptor.open(path, .readWrite)
    try file.writeAll(toAbsoluteOffset: 0, boot)
    try file.writeAll(toAbsoluteOffset: 32 * 512, table)
    try file.close()
    let log = WarningLog()
    let reader = try FATReader(FileSource(path), policy: log.policy())
    #expect(reader.clusterCount == 128 << 20 - 1 << 20 - 32)
    let start = ContinuousClock.now
    #expect(try reader.tree().ids.count == 1)
    #expect(ContinuousClock.now - start < .seconds(1))
    #expect(log.all == [])
  }

  @Test func `the boot partition of a stock image in no time`() async throws {
    let disk = try FileSource(try await Fixture.image("tiny"))
    let table = try disk.read(at: 0, count: 512)
    let start = Int(table.span.le(446 + 8, as: UInt32.self)) * 512
    let partition = try WindowSource(
      disk, range: start..<start + Int(table.span.le(446 + 12, as: UInt32.self)) * 512)
    var best = Duration.seconds(9)
    for _ in 0..<5 {
      let start = ContinuousClock.now
      _ = try FATReader(partition).tree()
      best = min(best, ContinuousClock.now - start)
    }
    print("FAT of \(partition.size >> 20) MiB: tree in \(best)")
    #expect(best < .milliseconds(500))
  }
}
