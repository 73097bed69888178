import Bytes
import Glibc
import Storage
import SystemPackage
import TestSupport
import Testing

@testable import DiskImage

private let mebibyte = 1 << 20

@Suite("GPT layout", .enabled(if: Tool.arePresent("sfdisk", "sgdisk", "parted", "partx"), "needs other people's tools"))
struct GPTLayoutTests {
  private let folder: TemporaryFolder
  private var path: FilePath { folder.appending("d") }

  init() throws { folder = try TemporaryFolder() }

  private static let guid = UUID(name: "disk", in: .pibake)
  private static func partitionGUID(_ number: Int) -> UUID { UUID(name: "\(number)", in: guid) }

  /// Writes a disk with a boot and a Linux partition, and the beginning of each.
  private func write(_ scheme: DiskPlan.Scheme, root: Int, total: Int? = nil) throws -> DiskPlan {
    let plan = try DiskPlan(
      scheme: scheme,
      partitions: [
        .init(.boot, name: "bootfs", size: 16 * mebibyte), .init(.linux, name: "rootfs é", size: root),
      ], totalSize: total)
    let identity = DiskLayout.Identity(signature: 0x9FE1_A0D2, guid: Self.guid, partitionGUID: Self.partitionGUID)
    let layout = try DiskLayout(identity, plan: plan, contents: [[.bytes([0xB0])], [.bytes([0xA0])]])
    let file = try FileDescriptor.open(path, .readWrite, options: .create, permissions: .ownerReadWrite)
    defer { try? file.close() }
    var sink = SparseFileSink(file, path: path)
    try sink.write(layout.runs)
    #expect(try sink.finish() == plan.size)
    return plan
  }

  @Test(arguments: [DiskPlan.Scheme.gpt, .hybrid], [(40 * mebibyte, nil), (3 << 40, nil), (512, 64 << 20)])
  func `has no fault that others find, and they read it as we do`(
    scheme: DiskPlan.Scheme, sizes: (root: Int, total: Int?)
  ) async throws {
    let plan = try write(scheme, root: sizes.root, total: sizes.total)
    let checked = try await shell("sgdisk --verify d", in: folder.path)
    #expect(checked.contains("No problems found"), "\(checked)")
    let verified = try await shell("sfdisk --verify d", in: folder.path)
    #expect(verified.contains("No errors detected"), "\(verified)")
    let listed = try await shell("fdisk --list d", in: folder.path)
    #expect(listed.contains("Disklabel type: gpt"), "\(listed)")
    #expect(listed.contains("Disk identifier: \(Self.guid.description.uppercased())"), "\(listed)")
    let printed = try await shell("parted --script --machine d unit s print", in: folder.path)
    #expect(printed.contains("1:16384s:49151s:32768s:"), "\(printed)")

    let log = WarningLog()
    let table = try PartitionTable(reading: FileSource(path), policy: log.policy())
    #expect(log.all == [])
    #expect(table.kind == .gpt && table.isHybrid == (scheme == .hybrid))
    #expect(table.guid == Self.guid)
    #expect(table.signature == (scheme == .hybrid ? 0x9FE1_A0D2 : 0))
    #expect(table.partitions.map(\.offset) == plan.placements.map(\.offset))
    #expect(table.partitions.map(\.size) == [16 * mebibyte, sizes.root])
    #expect(table.partitions.map(\.partUUID) == [1, 2].map { "\(Self.partitionGUID($0))" })
    #expect(table.partitions.map(\.name) == ["bootfs", "rootfs é"])
    #expect(table.partitions.map(\.isBoot) == [true, false] && table.partitions.map(\.isLinux) == [false, true])
    let theirs = try await shell("partx --raw --noheadings --output NR,START,SECTORS,UUID d", in: folder.path)
    let ours = table.partitions.map { "\($0.number) \($0.offset / 512) \($0.size / 512) \($0.partUUID)\n" }
    #expect(theirs == ours.joined())
  }

  /// sfdisk makes the same two tables, byte for byte, and the same protective MBR.
  @Test func `is the one that sfdisk writes`() async throws {
    let plan = try write(.gpt, root: 40 * mebibyte)
    let types = ["EBD0A0A2-B9E5-4433-87C0-68B6B72699C7", "0FC63DAF-8483-4772-8E79-3D69D8477DE4"]
    let lines = plan.placements.map { place in
      "start=\(place.firstSector), size=\(place.sectorCount), type=\(types[place.number - 1]), "
        + "uuid=\(Self.partitionGUID(place.number)), name=\"\(place.name)\""
    }
    let script = """
      label: gpt
      label-id: \(Self.guid)
      first-lba: 34
      \(lines.joined(separator: "\n"))
      """
    try await shell("truncate -s \(plan.size) e; sfdisk -q e <<'END'\n\(script)\nEND\n", in: folder.path)
    let (ours, theirs) = (try FileSource(path), try FileSource(folder.appending("e")))
    for offset in [0, plan.size - 33 * 512] {
      let count = offset == 0 ? 34 * 512 : 33 * 512
      let (left, right) = (try ours.read(at: offset, count: count), try theirs.read(at: offset, count: count))
      let differing = zip(left.indices, zip(left, right)).filter { $1.0 != $1.1 }.map(\.0)
      // sfdisk ends a protective entry that all of CHS could hold with FF FF FF.
      #expect(
        differing.filter { !(offset == 0 && ($0 < 440 || (0x1C3..<0x1C6).contains($0))) } == [], "from \(offset) on")
    }
  }

  /// What firmware without GPT finds, in sfdisk's view of the MBR alone.
  @Test func `beside which an MBR names the boot partition first`() async throws {
    _ = try write(.hybrid, root: 40 * mebibyte)
    let dump = try await shell("sfdisk --label-nested dos --dump d", in: folder.path)
    let entries = dump.split(separator: "\n").filter { $0.contains("start=") }.map { $0.filter { $0 != " " } }
    #expect(dump.contains("label-id: 0x9fe1a0d2"), "\(dump)")
    #expect(entries == ["d1:start=16384,size=32768,type=c", "d2:start=1,size=16383,type=ee"], "\(dump)")
  }

  @Test(arguments: [DiskPlan.Scheme.gpt, .hybrid])
  func `can do without either of its copies`(scheme: DiskPlan.Scheme) async throws {
    let plan = try write(scheme, root: 40 * mebibyte)
    let whole = try PartitionTable(reading: FileSource(path)).partitions
    for sector in [1, plan.size / 512 - 1] {
      try await shell("cp d e; dd if=/dev/zero of=e bs=512 seek=\(sector) count=1 conv=notrunc", in: folder.path)
      let log = WarningLog()
      let table = try PartitionTable(reading: FileSource(folder.appending("e")), policy: log.policy())
      #expect(table.partitions == whole && log.all.count == 1, "\(log.all)")
      let theirs = try await shell("partx --raw --noheadings --output UUID e", in: folder.path)
      #expect(theirs == whole.map { "\($0.partUUID)\n" }.joined())
    }
  }

  @Test func `is the kernel's view of the partitions too`() async throws {
    guard getuid() == 0 else { try Test.cancel("only root may attach loop devices") }
    for scheme in [DiskPlan.Scheme.gpt, .hybrid] {
      let plan = try write(scheme, root: 40 * mebibyte)
      let attached = try await Tool.run("losetup", ["--find", "--show", "--partscan", path.string])
      guard attached.status == 0 else { try Test.cancel("no loop device: \(attached.output)") }
      let device = attached.standardOutput.filter { $0 != "\n" }
      let name = device.drop { $0 == "/" }.split(separator: "/").last ?? ""
      let seen = try await Tool.run(
        "sh", ["-c", "cd /sys/block/\(name) && cat \(name)p*/partition \(name)p*/start \(name)p*/size"])
      _ = try await Tool.run("losetup", ["--detach", device])
      if seen.standardOutput.isEmpty { try Test.cancel("this kernel reads no partition tables") }
      let numbers =
        plan.placements.map(\.number) + plan.placements.map(\.firstSector) + plan.placements.map(\.sectorCount)
      #expect(seen.output == numbers.map { "\($0)\n" }.joined())
    }
  }

  @Test func `of a disk without a boot partition is a plain one where a hybrid one is wanted`() throws {
    let plan = try DiskPlan(scheme: .hybrid, partitions: [.init(.linux, name: "rootfs", size: mebibyte)])
    #expect(plan.scheme == .gpt)
  }

  @Test func `holds more partitions than an MBR`() async throws {
    let plan = try DiskPlan(
      scheme: .gpt, partitions: (1...9).map { .init(.linux, name: "slot \($0)", size: 3 * mebibyte) },
      alignment: mebibyte)
    #expect(plan.placements.map(\.offset) == (0..<9).map { (1 + 3 * $0) * mebibyte })
    #expect(plan.size == 29 * mebibyte)
    expect("the table holds one to 128 partitions, not 129") {
      _ = try DiskPlan(scheme: .gpt, partitions: Array(repeating: .init(.linux, name: "", size: 512), count: 129))
    }
    expect("a disk of 3298543271936 bytes is more than the 2199023255040 that its table can count") {
      _ = try DiskPlan(scheme: .hybrid, partitions: [.init(.boot, name: "", size: 3 << 40)])
    }
    expect("the partitions need 10485760 bytes, the disk has 9437184") {
      _ = try DiskPlan(
        scheme: .gpt, partitions: [.init(.linux, name: "", size: mebibyte)], totalSize: 9 * mebibyte)
    }
  }

  private func expect(_ message: String, at place: SourceLocation = #_sourceLocation, _ body: () throws -> Void) {
    let error = #expect(throws: DiskImageError.self, sourceLocation: place) { try body() }
    #expect(error?.description == message, sourceLocation: place)
  }
}
