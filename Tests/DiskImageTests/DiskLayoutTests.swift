import Bytes
import Storage
import SystemPackage
import TestSupport
import Testing

@testable import DiskImage

private let mebibyte = 1 << 20

/// A wanted partition, called by what it is for.
private func part(_ use: DiskPlan.Use, _ size: Int) -> DiskPlan.Request {
  DiskPlan.Request(use, name: use == .boot ? "bootfs" : "rootfs", size: size)
}

/// An identity whose GUIDs are easily told.
private func identity(_ signature: UInt32) -> DiskLayout.Identity {
  let disk = UUID(name: "disk", in: .pibake)
  return DiskLayout.Identity(signature: signature, guid: disk) { UUID(name: "\($0)", in: disk) }
}

@Suite("Disk layout")
struct DiskLayoutTests {
  @Test func `partitions lie where pi-gen puts them`() throws {
    let plan = try DiskPlan(partitions: [part(.boot, 512 * mebibyte), part(.linux, 2000 * mebibyte)])
    #expect(plan.placements.map(\.firstSector) == [16384, 1_064_960])
    #expect(plan.placements.map(\.sectorCount) == [1_048_576, 4_096_000])
    #expect(plan.size == 2520 * mebibyte)
  }

  @Test func `the disk ends at a multiple of the alignment, or where it is told to`() throws {
    let odd = [part(.boot, 5 * mebibyte), part(.linux, 512)]
    #expect(try DiskPlan(partitions: odd).size == 24 * mebibyte)
    #expect(try DiskPlan(partitions: odd, alignment: mebibyte).size == 7 * mebibyte)
    #expect(try DiskPlan(partitions: odd, totalSize: 16 * mebibyte + 512).size == 16 * mebibyte + 512)
    expect("the partitions need 16777728 bytes, the disk has 16777216") {
      _ = try DiskPlan(partitions: odd, totalSize: 16 * mebibyte)
    }
  }

  @Test func `impossible disks are refused`() throws {
    expect("the table holds one to 4 partitions, not 0") { _ = try DiskPlan(partitions: []) }
    expect("the table holds one to 4 partitions, not 5") {
      _ = try DiskPlan(partitions: Array(repeating: part(.linux, 512), count: 5))
    }
    expect("a size of 513 bytes is not a positive multiple of 512") {
      _ = try DiskPlan(partitions: [part(.linux, 513)])
    }
    expect("a size of 0 bytes is not a positive multiple of 512") { _ = try DiskPlan(partitions: [part(.linux, 0)]) }
    expect("a disk of 2199023255552 bytes is more than the 2199023255040 that its table can count") {
      _ = try DiskPlan(partitions: [part(.linux, 2 << 40 - 8 * mebibyte), part(.linux, 8 * mebibyte)])
    }
    expect("a disk of \(Int.max - 511) bytes is more than the 2199023255040 that its table can count") {
      _ = try DiskPlan(partitions: [part(.linux, Int.max - 511)])
    }
    let plan = try DiskPlan(partitions: [part(.linux, 512)])
    expect("the disk signature must not be zero") { _ = try DiskLayout(identity(0), plan: plan, contents: [[]]) }
    expect("513 bytes do not fit into the 512 of partition 1") {
      _ = try DiskLayout(identity(1), plan: plan, contents: [[.zeros(513)]])
    }
  }

  @Test func `the largest disk has its last sector below 2 TiB`() throws {
    let plan = try DiskPlan(
      partitions: [part(.linux, Int(UInt32.max) * 512 - 8 * mebibyte)], totalSize: Int(UInt32.max) * 512)
    let layout = try DiskLayout(identity(1), plan: plan, contents: [[]])
    #expect(layout.runs.reduce(0) { $0 + $1.count } == Int(UInt32.max) * 512)
  }

  @Test(.enabled(if: Tool.arePresent("sfdisk", "parted"), "needs sfdisk and parted"))
  func `others read the table`() async throws {
    let folder = try TemporaryFolder()
    let path = folder.appending("disk.img")
    let plan = try DiskPlan(
      partitions: [part(.boot, 16 * mebibyte), part(.linux, 9 << 30), part(.linux, 1000 * 512)], totalSize: 12 << 30)
    let boot = [UInt8](repeating: 0xB0, count: 1000)
    let root = MemorySource([UInt8](repeating: 0xA0, count: 5000))
    let layout = try DiskLayout(
      identity(0x9FE1_A0D2), plan: plan,
      contents: [[.bytes(boot)], [.zeros(100), .source(root, offset: 10, count: 4000)], []])
    let file = try FileDescriptor.open(path, .readWrite, options: .create, permissions: .ownerReadWrite)
    var sink = SparseFileSink(file, path: path)
    try sink.write(layout.runs)
    #expect(try sink.finish() == 12 << 30)
    try file.close()

    let verified = try await Tool.run("sfdisk", ["-V", path.string])
    #expect(verified.output.contains("No errors detected"), "\(verified.output)")
    let dump = try await Tool.run("sfdisk", ["-d", path.string]).output
    for line in ["label-id: 0x9fe1a0d2", "16384, size=       32768, type=c", "49152, size=    18874368, type=83"] {
      #expect(dump.contains(line), "\(dump)")
    }
    let print = try await Tool.run("parted", ["-s", "-m", path.string, "unit", "s", "print"]).output
    #expect(print.contains("1:16384s:49151s:32768s:"), "\(print)")

    let source = try FileSource(path)
    let table = try PartitionTable(reading: source)
    #expect(table.partitions.map(\.offset) == plan.placements.map(\.offset))
    #expect(table.partitions.map(\.partUUID) == ["9fe1a0d2-01", "9fe1a0d2-02", "9fe1a0d2-03"])
    #expect(try table.partitions[0].source(in: source).read(at: 0, count: 1001) == boot + [0])
    #expect(try table.partitions[1].source(in: source).read(at: 99, count: 2) == [0, 0xA0])
  }

  /// sfdisk writes the same disk from the same numbers: addresses of cylinders and heads too.
  @Test(.enabled(if: Tool.arePresent("sfdisk"), "needs sfdisk"))
  func `the table is the one that sfdisk writes`() async throws {
    let folder = try TemporaryFolder()
    try await shell(
      """
      truncate -s 12G d
      printf 'label: dos\\nlabel-id: 0x9fe1a0d2\\n16384,32768,c\\n49152,18874368,83\\n18923520,1000,83\\n' | sfdisk -q d
      """, in: folder.path)
    let plan = try DiskPlan(partitions: [part(.boot, 16 * mebibyte), part(.linux, 9 << 30), part(.linux, 1000 * 512)])
    let layout = try DiskLayout(identity(0x9FE1_A0D2), plan: plan, contents: [[], [], []])
    guard case .bytes(let record) = layout.runs.first else {
      Issue.record("a disk begins with its MBR")
      return
    }
    // sfdisk writes no boot code.
    #expect(try record.dropFirst(440) == FileSource(folder.appending("d")).read(at: 0, count: 512).dropFirst(440))
  }

  private func expect(_ message: String, at place: SourceLocation = #_sourceLocation, _ body: () throws -> Void) {
    let error = #expect(throws: DiskImageError.self, sourceLocation: place) { try body() }
    #expect(error?.description == message, sourceLocation: place)
  }
}
