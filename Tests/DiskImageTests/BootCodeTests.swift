import Bytes
import Storage
import SystemPackage
import TestSupport
import Testing

@testable import DiskImage

/// What somebody does to a disk after it was baked.
struct DiskEdit: Sendable, CustomTestStringConvertible {
  let testDescription: String

  init(_ command: String) { testDescription = command }

  /// What people and first-start scripts run; `d` is the disk. The first two partitions stay what they are.
  static let ofMBR = [
    "parted -s -m d unit s print", "parted -s d resizepart 2 100%", "parted -m d u s resizepart 2 163839 -s",
    "parted -s d set 1 boot on", "parted -s d mkpart primary ext4 70MiB 80MiB", "parted -s d toggle 2 boot",
    "echo ,+ | sfdisk -q -N 2 d", "sfdisk -q --part-type d 2 83", "sfdisk -q -A d 1",
    "sfdisk -d d > t; sfdisk -q d < t", "printf 'd\\n2\\nn\\np\\n2\\n65536\\n\\nw\\n' | fdisk d",
    "printf 'a\\n1\\nw\\n' | fdisk d", "printf 'x\\nf\\nr\\nw\\n' | fdisk d", "printf 't\\n2\\n83\\nw\\n' | fdisk d",
  ].map(DiskEdit.init)

  static let ofGPT = [
    "parted -s --fix d print", "parted -s --fix d resizepart 2 100%", "parted -s --fix d name 2 other",
    "sgdisk -e d", "sgdisk -c 2:other d", "sgdisk -v d", "echo ,+ | sfdisk -q -N 2 d",
    "printf 'w\\n' | fdisk d", "printf 'x\\nr\\nw\\n' | fdisk d",
  ].map(DiskEdit.init)
}

@Suite(
  "Tools of other people leave a disk's ids alone",
  .enabled(if: Tool.arePresent("parted", "sfdisk", "fdisk", "sgdisk"), "needs parted, sfdisk, fdisk and sgdisk"))
struct BootCodeTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private var disk: FilePath { folder.appending("d") }

  /// A disk of two partitions with room after them.
  private func make(_ scheme: DiskPlan.Scheme, _ code: BootCode = .stub) async throws {
    let mebibyte = 1 << 20
    let plan = try DiskPlan(
      scheme: scheme,
      partitions: [
        .init(.boot, name: "bootfs", size: 24 * mebibyte), .init(.linux, name: "rootfs", size: 16 * mebibyte),
      ])
    let guid = UUID(name: "disk", in: .pibake)
    let identity = DiskLayout.Identity(signature: 0xC1F9_5D14, bootCode: code, guid: guid) {
      UUID(name: "\($0)", in: guid)
    }
    let layout = try DiskLayout(identity, plan: plan, contents: [[], []])
    let file = try FileDescriptor.open(
      disk, .readWrite, options: [.create, .truncate], permissions: .ownerReadWrite)
    var sink = SparseFileSink(file, path: disk)
    try sink.write(layout.runs)
    _ = try sink.finish()
    try file.close()
    try await shell("truncate -s 96M d", in: folder.path)
  }

  /// The id of the disk and the PARTUUIDs of the first two partitions.
  private func ids() throws -> [String] {
    let table = try PartitionTable(reading: FileSource(disk))
    return [table.guid?.description ?? "\(table.signature)"] + table.partitions.prefix(2).map(\.partUUID)
  }

  @Test(arguments: DiskEdit.ofMBR)
  func `an MBR`(edit: DiskEdit) async throws {
    try await make(.mbr)
    let before = try ids()
    let result = try await Tool.run("sh", ["-c", "cd '\(folder.path)'; \(edit.testDescription)"])
    #expect(try ids() == before, "\(result.output)")
    #expect(before == ["\(0xC1F9_5D14)", "c1f95d14-01", "c1f95d14-02"])
  }

  @Test(arguments: [DiskPlan.Scheme.gpt, .hybrid], DiskEdit.ofGPT)
  func `a GPT`(scheme: DiskPlan.Scheme, edit: DiskEdit) async throws {
    try await make(scheme)
    let before = try ids()
    let result = try await Tool.run("sh", ["-c", "cd '\(folder.path)'; \(edit.testDescription)"])
    #expect(try ids() == before, "\(result.output)")
  }

  @Test func `parted gives a disk whose first byte is zero another id: why there is always boot code`() async throws {
    try await make(.mbr)
    try await shell("printf '\\0' | dd of=d conv=notrunc status=none", in: folder.path)
    let before = try ids()
    try await shell("parted -s d resizepart 2 100%", in: folder.path)
    #expect(try ids() != before)
  }

  @Test func `a stock image's boot code is taken over, and anything that libparted would not know is not`() async throws
  {
    try await shell(
      """
      truncate -s 64M stock zeros gpt
      parted -s stock mklabel msdos mkpart primary fat32 8MiB 32MiB
      printf '8192,8192,c\\n' | sfdisk -q zeros
      parted -s gpt mklabel gpt mkpart x fat32 8MiB 32MiB
      truncate -s 1M empty; truncate -s 64M fat; mkfs.vfat fat > /dev/null
      """, in: folder.path)
    let code = try BootCode(of: FileSource(folder.appending("stock")))
    #expect(try code.bytes == FileSource(folder.appending("stock")).read(at: 0, count: 440))
    #expect(code != .stub && code.bytes.starts(with: [0xFA, 0xB8]))
    for name in ["zeros", "empty", "fat"] {
      #expect(try BootCode(of: FileSource(folder.appending(name))) == .stub, "\(name)")
    }
    for code in [code, try BootCode(of: FileSource(folder.appending("gpt")))] { #expect(code.bytes.first != 0) }
    try await make(.mbr, code)
    #expect(try FileSource(disk).read(at: 0, count: 440) == code.bytes)
    #expect(try ids() == ["\(0xC1F9_5D14)", "c1f95d14-01", "c1f95d14-02"])
  }
}
