import Storage
import SystemPackage
import TestSupport
import Testing

@testable import DiskImage

/// libblkid reads tables as udev does; partx shows what it finds.
@Suite(
  "Partition tables as libblkid reads them", .enabled(if: Tool.arePresent("partx", "sfdisk", "sgdisk"), "needs partx"))
struct PartxTests {
  @Test(arguments: [
    "printf 'label: dos\\n2048,2048,c\\n4096,2048,83\\n' | sfdisk -q d",
    """
    printf 'label: dos\\nd1: start=2048,size=2048,type=c\\nd4: start=8192,size=100000,type=f\\n' > s
    printf 'd5: start=10240,size=2048\\nd6: start=20480,size=2048\\nd7: start=40960,size=8\\n' >> s; sfdisk -q d < s
    """,
    // The middle one goes: the chain's records are no longer in the order of the disk.
    """
    printf 'label: dos\\nd1: start=8192,size=100000,type=5\\n' > s
    printf 'd5: start=10240,size=2048\\nd6: start=20480,size=2048\\nd7: start=40960,size=8\\n' >> s; sfdisk -q d < s
    sfdisk -q --delete d 6; echo 14336,2048 | sfdisk -q -a d
    """,
    "sgdisk -n 1:2048:+20M -c 1:bootfs -n 3:0:+20M -c 3:'the root' d",
    "sgdisk -n 1:2048:+20M -n 2:0:+20M -h 1 d",
    "sgdisk -S 256 -n 200:4096:+1M -c 200:last d",
    "sgdisk -n 1:2048:+20M d; dd if=/dev/zero of=d bs=512 seek=1 count=1 conv=notrunc",
  ])
  func `are the same here`(script: String) async throws {
    let folder = try TemporaryFolder()
    try await shell("truncate -s 64M d; { \(script); } >/dev/null 2>&1", in: folder.path)
    let path = folder.appending("d")
    let shown = try await Tool.run(
      "partx", ["-r", "-g", "-o", "NR,START,SECTORS,UUID,NAME", path.string])
    #expect(shown.status == 0, "\(shown.output)")
    let theirs = shown.standardOutput.split(separator: "\n").map { line in
      line.split(separator: " ").joined(separator: " ").replacing("\\x20", with: " ")
    }
    let table = try PartitionTable(reading: FileSource(path))
    let ours = table.partitions.map { partition in
      let name = partition.name.map { " \($0)" } ?? ""
      return "\(partition.number) \(partition.offset / 512) \(partition.size / 512) \(partition.partUUID)\(name)"
    }
    #expect(ours == theirs)
    #expect(!ours.isEmpty)
  }
}
