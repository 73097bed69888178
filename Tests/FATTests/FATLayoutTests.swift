import Bytes
import FileTree
import Storage
import SystemPackage
import TestSupport
import Testing

@testable import FAT

private let hasTools = Tool.arePresent("fsck.fat", "mcopy", "mattrib", "mdir", "7z")

@Suite("FAT layout", .enabled(if: hasTools, "needs dosfstools, mtools and 7z"))
struct FATLayoutTests {
  @Test(
    arguments: [
      (34, 1, .fat32), (16, nil, .fat16), (100, nil, .fat16), (200, 4, .fat32), (512, nil, .fat32),
    ] as [(Int, Int?, FATWidth)])
  func `others read what was laid out`(mebibytes: Int, sectors: Int?, width: FATWidth) async throws {
    let folder = try TemporaryFolder()
    let image = folder.appending("fat.img")
    let tree = try makeTree(variedFiles(), attributes: .archive)
    let options = FATOptions(
      size: mebibytes << 20, serial: 0x1234_5678, label: "bootfs", hiddenSectors: 16384, sectorsPerCluster: sectors)
    try write(FATLayout(tree, options: options).runs, to: image)

    let check = try await Tool.run("fsck.fat", ["-n", "-v", image.string])
    #expect(check.status == 0, "\(check.output)")
    #expect(check.output.contains("FATs, \(width.rawValue) bit entries"), "\(check.output)")
    #expect(check.output.contains("16384 hidden sectors"), "\(check.output)")
    let expected = try listing(tree)
    try await shell(
      "mkdir mtools && mcopy -s -m -n -i fat.img ::/ mtools; 7z x -o7z fat.img >/dev/null", in: folder.path)
    let byMtools = try await listing(of: folder.appending("mtools"))
    // mtools knows UTF-16 without surrogates only.
    #expect(differences(byMtools, expected).filter { !$0.contains("berraschung") } == [])
    let by7z = try await listing(of: folder.appending("7z"))
    #expect(differences(by7z, expected) == [])
    let again = try listing(FATReader(FileSource(image)).tree())
    #expect(differences(again, expected) == [])
  }

  @Test func `others read three thousand files in one folder`() async throws {
    let folder = try TemporaryFolder()
    let image = folder.appending("fat.img")
    let options = FATOptions(size: 64 << 20, serial: 1, label: "MANY", hiddenSectors: 0, sectorsPerCluster: 1)
    // At once, since putting a file into a tree takes longer the more it holds.
    var tree = try makeTree([("many/first.txt", noise(1))])
    var many = Directory()
    for number in 0..<3000 {
      let content = FileContent(bytes: [UInt8(number & 0xFF)])
      let id = tree.add(Inode(mode: 0o644, time: leapDay, body: .file(content)))
      many.appendUnsorted(Array("a long name whose end alone differs \(number).txt".utf8).span, id)
    }
    #expect(many.sort() == nil)
    try tree.modify("many") { inode in inode.body = .directory(many) }
    let clock = ContinuousClock()
    print("3,000 files laid out in \(try clock.measure { _ = try FATLayout(tree, options: options) })")
    try write(FATLayout(tree, options: options).runs, to: image)
    let check = try await Tool.run("fsck.fat", ["-n", image.string])
    #expect(check.status == 0, "\(check.output)")
    // Not by mtools, which reads the folder anew for each file.
    try await shell("7z x -o7z fat.img >/dev/null", in: folder.path)
    let by7z = try await listing(of: folder.appending("7z"))
    let expected = try listing(tree)
    #expect(by7z.count == 3001)
    #expect(differences(by7z, expected) == [])
    let short = try await shell("mdir -i fat.img ::/many", in: folder.path)
    for name in ["ALONGN~1 TXT", "ALONG~10 TXT", "ALON~999 TXT", "ALO~1000 TXT", "ALO~3000 TXT"] {
      #expect(short.contains(name), "\(name)")
    }
  }

  @Test func `others read attributes and times, and short names where they suffice`() async throws {
    let folder = try TemporaryFolder()
    var tree = try makeTree([("cmdline.txt", noise(1)), ("Config.txt", noise(2)), ("kernel8.img", noise(3))])
    try tree.modify("cmdline.txt") { inode in
      inode.attributes = [.readOnly, .hidden, .system, .archive]
      inode.modified = Timestamp(seconds: 0)
    }
    try tree.modify("kernel8.img") { inode in inode.modified = Timestamp(seconds: 1 << 40) }
    let options = FATOptions(size: 16 << 20, serial: 0xCAFE_0001, label: "Boot FS", hiddenSectors: 0)
    try write(FATLayout(tree, options: options).runs, to: folder.appending("fat.img"))
    let attributes = try await shell("mattrib -i fat.img '::/*'; mlabel -s -i fat.img ::", in: folder.path)
    #expect(attributes.contains("A  SHR     ::/cmdline.txt"), "\(attributes)")
    #expect(attributes.contains("             ::/Config.txt"), "\(attributes)")
    #expect(attributes.contains("Volume label is Boot FS"), "\(attributes)")
    let directory = try await shell("mdir -a -i fat.img ::/", in: folder.path)
    #expect(directory.contains("CAFE-0001"), "\(directory)")
    #expect(directory.contains("cmdline  txt         1 1980-01-01   0:00 \n"), "\(directory)")
    #expect(directory.contains("CONFIG   TXT         2 2024-02-29  23:59  Config.txt"), "\(directory)")
    #expect(directory.contains("kernel8  img         3 2107-12-31  23:59 \n"), "\(directory)")
    let check = try await Tool.run("fsck.fat", ["-n", folder.appending("fat.img").string])
    #expect(check.status == 0, "\(check.output)")
  }
}
