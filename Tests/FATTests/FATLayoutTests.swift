import Bytes
import FileTree
import Storage
import SystemPackage
import TestSupport
import Testing

@testable import FAT

private let hasTools = Tool.arePresent("fsck.fat", "mcopy", "mattrib", "mdir", "7z")

/// A time with an even second, as FAT has them: 2024-02-29 23:59:58.
private let leapDay = Timestamp(seconds: 1_709_251_198)

/// A tree of these files; folders are made on the way.
func makeTree(_ files: [(String, FileContent)], attributes: FATAttributes = []) throws -> FileTree {
  var folder = Inode(mode: 0o755, time: leapDay, body: .directory(Directory()))
  folder.attributes = []
  var tree = FileTree(flavor: .fat, inode: folder)
  for (text, content) in files {
    let path = try #require(TreePath(text))
    try tree.makeDirectory(path.parent, like: folder)
    var inode = Inode(mode: 0o644, time: leapDay, body: .file(content))
    inode.attributes = attributes
    try tree.put(inode, at: path)
  }
  return tree
}

/// Bytes that differ from place to place.
private func noise(_ count: Int, seed: UInt64 = 1) -> FileContent {
  var state = seed
  return FileContent(
    bytes: (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt8(state >> 56)
    })
}

/// Names and sizes of all kinds.
private func variedFiles() -> [(String, FileContent)] {
  var files = [
    ("cmdline.txt", noise(5)), ("nothing.bin", noise(0)), ("exactly13char", noise(511)), ("UPPER.TXT", noise(512)),
    ("Mixed.Txt", noise(513)), ("Mixed Case/with spaces and.several.dots.dat", noise(70000)),
    ("überraschung-日本-😀.txt", noise(40000)), (String(repeating: "n", count: 255), noise(5000)),
    ("overlays/deep/er/vc4-kms-v3d.dtbo", noise(100)), (".hidden", noise(100)), ("start4.elf", noise(2000)),
    ("bcm2711-rpi-4-b.dtb", noise(3000)), ("a+b,c;d=[e].f", noise(7)), ("longna~1.txt", noise(1)),
    ("longnames-one.txt", noise(2)), ("longnames-two.txt", noise(3)), ("two.dots.c", noise(4)),
  ]
  for number in 1...60 { files.append(("overlays/long-overlay-name-\(number).dtbo", noise(number))) }
  return files
}

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
}
