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
    ("16", "64M -F 16 -S 4096"), ("32", "40M -F 32 -s 1"), ("32", "300M -F 32 -s 4"), ("12", "4M -F 12 -S 1024"),
    ("32", "160M -F 32 -S 2048 -s 1"),
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
    let used = try reader.clusterCount - reader.freeClusterCount
    #expect(dosfsck.output.contains(" \(used)/\(reader.clusterCount) clusters"), "\(dosfsck.output)")
  }

  @Test func `reads fragmented and deleted files, and a thousand in one folder`() async throws {
    let folder = try TemporaryFolder()
    try await shell(
      """
      mkdir -p src/many
      for i in {0..999}; do echo $i > src/many/$i.ini; done
      for i in {1..40}; do head -c 3000 /dev/urandom > src/piece$i; done
      head -c 150000 /dev/urandom > src/fragmented
      find src -type f -exec touch -d '2001-01-01 00:00:02 UTC' {} +
      truncate -s 20M fat.img
      mkfs.vfat -F 16 -s 4 fat.img >/dev/null 2>&1
      mcopy -s -m -i fat.img src/piece* ::/
      for i in {1..39..2}; do mdel -i fat.img ::/piece$i; rm src/piece$i; done
      minfo -i fat.img > info.txt
      mcopy -m -i fat.img src/fragmented ::/
      mcopy -s -m -i fat.img src/many ::/
      """, in: folder.path)
    let tree = try FATReader(FileSource(folder.appending("fat.img"))).tree()
    let expected = try await listing(of: folder.appending("src"))
    let found = try listing(tree)
    #expect(found.count == 1022)
    #expect(differences(found, expected) == [])
    guard case .file(let content)? = tree.inode(at: "fragmented")?.body else {
      Issue.record("fragmented is a file")
      return
    }
    #expect(content.extents.count > 10)
  }

  /// mtools shows the root of such a file system as empty: it goes by the count of clusters.
  @Test func `reads a FAT32 with too few clusters for one`() async throws {
    let folder = try TemporaryFolder()
    try await shell(
      """
      \(files)
      truncate -s 40M fat.img
      mkfs.vfat -F 32 -s 1 fat.img >/dev/null 2>&1
      mcopy -s -m -i fat.img src/* src/.hidden ::/
      # 60,000 sectors, in both copies of the boot sector; what is after them is empty.
      for s in 0 6; do
        printf '\\x60\\xea\\0\\0' | dd of=fat.img bs=1 seek=$((s * 512 + 32)) conv=notrunc status=none
      done
      truncate -s $((60000 * 512)) fat.img
      """, in: folder.path)
    let reader = try FATReader(FileSource(folder.appending("fat.img")))
    #expect(reader.width == .fat32)
    #expect(reader.clusterCount < 65525)
    let expected = try await listing(of: folder.appending("src"))
    let found = try listing(reader.tree())
    #expect(differences(found, expected) == [])
  }

  @Test func `a wrong free count, a broken second table and a dirty mark do not matter`() async throws {
    let folder = try TemporaryFolder()
    try await shell(
      """
      mkdir src; echo hello > src/hello.txt; touch -d '2001-01-01 00:00:02 UTC' src/hello.txt
      truncate -s 40M fat.img
      mkfs.vfat -F 32 -s 1 fat.img >/dev/null 2>&1
      mcopy -m -i fat.img src/hello.txt ::/
      fat=$(od -An -tu4 -j 36 -N 4 fat.img)
      dd if=/dev/urandom of=fat.img bs=512 seek=$((32 + fat)) count=4 conv=notrunc status=none
      printf '\\x01\\x02\\x03' | dd of=fat.img bs=1 seek=$((512 + 488)) conv=notrunc status=none
      printf '\\x07' | dd of=fat.img bs=1 seek=$((32 * 512 + 7)) conv=notrunc status=none
      """, in: folder.path)
    let found = try listing(FATReader(FileSource(folder.appending("fat.img"))).tree())
    let expected = try await listing(of: folder.appending("src"))
    #expect(differences(found, expected) == [])
  }
}
