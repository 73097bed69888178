import FileTree
import Testing

/// A time with an even second, as FAT has them: 2024-02-29 23:59:58.
let leapDay = Timestamp(seconds: 1_709_251_198)

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
func noise(_ count: Int, seed: UInt64 = 1) -> FileContent {
  var state = seed
  return FileContent(
    bytes: (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt8(state >> 56)
    })
}

/// Names and sizes of all kinds.
func variedFiles() -> [(String, FileContent)] {
  var files = [
    ("cmdline.txt", noise(5)), ("nothing.bin", noise(0)), ("exactly13char", noise(511)), ("UPPER.TXT", noise(512)),
    ("Mixed.Txt", noise(513)), ("Mixed Case/with spaces and.several.dots.dat", noise(70000)),
    ("überraschung-日本-😀.txt", noise(40000)), (String(repeating: "n", count: 255), noise(5000)),
    ("overlays/deep/er/vc4-kms-v3d.dtbo", noise(100)), (".hidden", noise(100)), ("start4.elf", noise(2000)),
    ("bcm2711-rpi-4-b.dtb", noise(3000)), ("a+b,c;d=[e].f", noise(7)), ("longna~1.txt", noise(1)),
    ("longnames-one.txt", noise(2)), ("longnames-two.txt", noise(3)), ("two.dots.c", noise(4)),
    ("ix.txt", noise(8)), ("ıx.txt", noise(9)),
  ]
  for number in 1...60 { files.append(("overlays/long-overlay-name-\(number).dtbo", noise(number))) }
  return files
}
