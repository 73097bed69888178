import Bytes
import Storage
import TestSupport
import Testing

@testable import DiskImage

@Suite("Hostile partition tables")
struct PartitionTableFuzzTests {
  /// Whatever is in the sectors of a table, reading ends with a table inside the disk or with an error.
  @Test(
    .enabled(if: Tool.arePresent("sfdisk", "sgdisk"), "needs sfdisk and sgdisk"),
    arguments: [
      "printf 'label: dos\\n64,100,c\\n200,800,f\\n210,10\\n300,10\\n400,10\\n' | sfdisk -q --force d",
      "sgdisk -a 1 -n 1:40:+20K -t 1:ef00 -n 2:100:+100K -h 1 d >/dev/null",
    ])
  func `end with a table or an error`(script: String) async throws {
    let folder = try TemporaryFolder()
    try await shell("truncate -s 512K d; \(script)", in: folder.path)
    let source = try FileSource(folder.appending("d"))
    let original = try source.read(at: 0, count: source.size)
    // Only what a table is made of: the rest is never read.
    let places = original.indices.filter { original[$0] != 0 }
    var random = SplitMix64(Fuzzing.seed(0x5EED))
    var tables = 0
    for round in 0..<Fuzzing.rounds(400) {
      var bytes = original
      for _ in 0...random.next() % 4 {
        let near = places[Int(random.next() % UInt64(places.count))] + Int(random.next() % 8)
        bytes[min(near, bytes.count - 1)] = UInt8(truncatingIfNeeded: random.next())
      }
      if round % 10 == 0 { bytes.removeLast(Int(random.next() % UInt64(bytes.count))) }
      do {
        let disk = MemorySource(bytes)
        for partition in try PartitionTable(reading: disk).partitions {
          _ = try PartitionContent(of: partition.availableSource(in: disk))
        }
        tables += 1
      } catch {
        #expect(error.kind != .io, "\(error)")
      }
    }
    #expect(tables > 20)
  }
}
