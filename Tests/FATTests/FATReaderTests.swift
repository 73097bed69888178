import FileTree
import Storage
import SystemPackage
import TestSupport
import Testing

@testable import FAT

private let hasTools = Tool.arePresent("mkfs.vfat", "mcopy", "mmd", "mattrib", "mdel", "minfo")

/// Files of all kinds of names and sizes.
private let files = """
  mkdir -p src/overlays/deep/er 'src/Mixed Case' src/empty
  printf hello > src/cmdline.txt
  : > src/nothing.bin
  head -c 511 /dev/urandom > src/exactly13char
  head -c 512 /dev/urandom > src/UPPER.TXT
  head -c 513 /dev/urandom > src/Mixed.Txt
  head -c 70000 /dev/urandom > 'src/Mixed Case/with spaces and.several.dots.dat'
  head -c 40000 /dev/urandom > src/überraschung-日本.txt
  head -c 5000 /dev/urandom > src/$(printf 'n%.0s' {1..255})
  head -c 100 /dev/urandom > src/overlays/deep/er/vc4-kms-v3d.dtbo
  head -c 100 /dev/urandom > src/.hidden
  for i in {1..60}; do echo $i > src/overlays/long-overlay-name-$i.dtbo; done
  find src -exec touch -d '2024-02-29 23:59:58 UTC' {} +
  """

@Suite("FAT reader", .enabled(if: hasTools, "needs dosfstools and mtools"))
struct FATReaderTests {
  @Test(arguments: [
    ("12", "2M -F 12"), ("12", "4M -F 12 -s 4"), ("16", "16M -F 16 -s 1"), ("16", "32M -F 16 -s 4 -f 1"),
    ("16", "64M -F 16 -S 4096"), ("32", "40M -F 32 -s 1"), ("32", "300M -F 32 -s 4"),
  ])
  func `reads what mtools wrote`(width: String, make: String) async throws {
    let folder = try TemporaryFolder()
    let arguments = make.split(separator: " ")
    try await shell(
      """
      \(files)
      truncate -s \(arguments[0]) fat.img
      mkfs.vfat -n bootfs -i 1234ABCD \(arguments.dropFirst().joined(separator: " ")) fat.img >/dev/null 2>&1
      mcopy -s -m -i fat.img src/* src/.hidden ::/
      """, in: folder.path)
    let reader = try FATReader(FileSource(folder.appending("fat.img")))
    #expect("\(reader.width.rawValue)" == width)
    #expect(reader.serial == 0x1234_ABCD)
    #expect(reader.label == "bootfs" || reader.label == "BOOTFS")
    let tree = try reader.tree()
    let expected = try await listing(of: folder.appending("src"))
    #expect(expected.count == 75)
    let different = try differences(listing(tree), expected)
    #expect(different == [])
    let dosfsck = try await Tool.run("fsck.fat", ["-n", "-v", folder.appending("fat.img").string])
    let used = reader.clusterCount - reader.freeClusterCount
    #expect(dosfsck.output.contains(" \(used)/\(reader.clusterCount) clusters"), "\(dosfsck.output)")
  }
}
