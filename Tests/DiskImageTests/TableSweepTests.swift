import Bytes
import Storage
import SystemPackage
import TestSupport
import Testing

@testable import DiskImage

@Suite("Every byte of a partition table", .enabled(if: Tool.arePresent("sfdisk", "sgdisk"), "needs sfdisk and sgdisk"))
struct TableSweepTests {
  @Test func `of an MBR and its logical partitions may be anything`() async throws {
    let bytes = try await disk(
      "printf 'label: dos\\n64,100,c\\n200,800,f\\n210,10\\n300,10\\n400,10\\n' | sfdisk -q --force d")
    let records = (0..<bytes.count / 512).filter { bytes[$0 * 512 + 510] == 0x55 && bytes[$0 * 512 + 511] == 0xAA }
    #expect(records.count == 4)
    try sweep(bytes, records.flatMap { $0 * 512 + 0x1B8..<$0 * 512 + 512 })
  }

  @Test func `of both copies of a GPT may be anything, with checksums that agree or not`() async throws {
    let bytes = try await disk("sgdisk -a 1 -n 1:40:+20K -t 1:ef00 -n 2:100:+100K d >/dev/null")
    let last = bytes.count / 512 - 1
    let places =
      Array(512..<512 + 96) + Array(1024..<1024 + 256) + Array((last - 32) * 512..<(last - 32) * 512 + 256)
      + Array(last * 512..<last * 512 + 96)
    try sweep(bytes, places)
    try sweep(bytes, places) { bytes in
      for header in [512, last * 512] { mend(&bytes, header) }
    }
    // The second copy counts only where the first one is of no use.
    var headless = bytes
    headless[512] = 0
    try sweep(headless, places) { mend(&$0, last * 512) }
  }

  @Test(arguments: [DiskPlan.Scheme.gpt, .hybrid])
  func `of a disk of ours may be anything`(scheme: DiskPlan.Scheme) throws {
    let plan = try DiskPlan(
      scheme: scheme, partitions: [.init(.boot, name: "b", size: 20 << 10), .init(.linux, name: "r", size: 100 << 10)],
      alignment: 512)
    let identity = DiskLayout.Identity(signature: 7, guid: .pibake) { UUID(name: "\($0)", in: .pibake) }
    let disk = RunSource(try DiskLayout(identity, plan: plan, contents: [[], []]).runs, name: "disk")
    let last = disk.size / 512 - 1
    let places =
      Array(0x1B8..<0x200) + Array(512..<512 + 92) + Array(1024..<1024 + 256) + Array(last * 512..<last * 512 + 92)
    try sweep(disk.read(at: 0, count: disk.size), places)
  }

  /// A disk of 512 KiB.
  private func disk(_ script: String) async throws -> [UInt8] {
    let folder = try TemporaryFolder()
    try await shell("truncate -s 512K d; \(script)", in: folder.path)
    let file = try FileSource(folder.appending("d"))
    return try file.read(at: 0, count: file.size)
  }

  /// Makes the checksums of the header at `place` and of its entries right, as far as they can be.
  private func mend(_ bytes: inout [UInt8], _ place: Int) {
    let entries = Int(truncatingIfNeeded: bytes.span.le(place + 0x48, as: UInt64.self))
    let (count, _) = Int(bytes.span.le(place + 0x50, as: UInt32.self)).multipliedReportingOverflow(
      by: Int(bytes.span.le(place + 0x54, as: UInt32.self)))
    if (0..<1024).contains(entries), count >= 0, entries * 512 + count <= bytes.count {
      bytes.store(le: CRC32.of(bytes.span.extracting(entries * 512..<entries * 512 + count)), at: place + 0x58)
    }
    let size = Int(bytes.span.le(place + 0x0C, as: UInt32.self))
    guard (92...512).contains(size) else { return }
    bytes.store(le: UInt32(0), at: place + 0x10)
    bytes.store(le: CRC32.of(bytes.span.extracting(place..<place + size)), at: place + 0x10)
  }

  /// Each of `places` becomes other bytes: a table or an error follows, soon.
  private func sweep(_ original: [UInt8], _ places: [Int], mend: (inout [UInt8]) -> Void = { _ in }) throws {
    var random = SplitMix64(Fuzzing.seed(0x7AB1E))
    var tables = 0
    for place in places {
      let old = original[place]
      let all = [old ^ 0x80, 0, 0xFF, old &+ 1, old &- 1, 0x05, 0xEE, UInt8.random(in: 0...255, using: &random)]
      for value in all.shuffled(using: &random).prefix(Fuzzing.rounds(3)) where value != old {
        var bytes = original
        bytes[place] = value
        mend(&bytes)
        if try isTable(bytes, "byte \(place) is \(value)") { tables += 1 }
      }
    }
    #expect(tables > places.count / 2)
  }

  private func isTable(_ bytes: [UInt8], _ change: String) throws -> Bool {
    var time = Duration.seconds(9)
    var isTable = false
    // Other work on the machine may be what took the time.
    for _ in 0..<3 where time > .milliseconds(100) {
      let start = ContinuousClock.now
      do {
        let disk = MemorySource(bytes)
        for partition in try PartitionTable(reading: disk).partitions {
          _ = try PartitionContent(of: partition.availableSource(in: disk))
        }
        isTable = true
      } catch {
        #expect(error.kind != .io, "\(change): \(error)")
      }
      time = ContinuousClock.now - start
    }
    #expect(time < .milliseconds(100), "\(change)")
    return isTable
  }
}
