import Btrfs
import Bytes
import FileTree
import Storage

/// A time that the inodes of these tests have, unless they say another.
let noon = Timestamp(seconds: 1_700_000_000, nanoseconds: 123_456_789)

/// A file of these bytes.
func file(_ bytes: [UInt8], mode: UInt16 = 0o644, uid: UInt32 = 0, gid: UInt32 = 0) -> Inode {
  Inode(mode: mode, uid: uid, gid: gid, time: noon, body: .file(FileContent(bytes: bytes)))
}

/// A file whose bytes lie in a source, as those of images do.
func stored(_ bytes: [UInt8], uid: UInt32 = 0, gid: UInt32 = 0) -> Inode {
  let extent = FileExtent(offset: 0, sourceOffset: 0, count: bytes.count)
  let content = FileContent(size: bytes.count, source: MemorySource(bytes), extent: extent)
  return Inode(mode: 0o644, uid: uid, gid: gid, time: noon, body: .file(content))
}

/// A file of this text.
func file(_ text: String, mode: UInt16 = 0o644) -> Inode { file(Array(text.utf8), mode: mode) }

/// An empty directory.
func folder(_ mode: UInt16 = 0o755) -> Inode { Inode(mode: mode, time: noon, body: .directory(Directory())) }

/// `count` bytes that hardly compress, the same for one seed.
func noise(_ count: Int, seed: UInt32 = 1) -> [UInt8] {
  var state = seed
  let block = (0..<8191).map { _ in
    state = state &* 1_664_525 &+ 1_013_904_223
    return UInt8(truncatingIfNeeded: state >> 24)
  }
  return repeating(block, count)
}

/// `count` bytes that compress well.
func text(_ count: Int) -> [UInt8] {
  repeating(Array("the quick brown fox jumps over the lazy dog, and then some more of it\n".utf8), count)
}

private func repeating(_ block: [UInt8], _ count: Int) -> [UInt8] {
  var bytes: [UInt8] = []
  while bytes.count < count { bytes.append(contentsOf: block) }
  bytes.removeLast(bytes.count - count)
  return bytes
}

/// cap_net_raw+ep, as security.capability holds it (version 2).
let capability = ExtendedAttribute(
  name: Array("security.capability".utf8), value: [1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])

/// An ACL in the form of extended attributes (version 2) for owner, `user`, group, mask and others.
func list(_ name: String, user: UInt32 = 1000, mask: UInt8 = 5) -> ExtendedAttribute {
  var value: [UInt8] = [2, 0, 0, 0]
  for (tag, permissions, id) in [(1, 7, .max), (2, 5, user), (4, 5, .max), (16, mask, .max), (32, 5, .max)]
    as [(UInt16, UInt8, UInt32)]
  {
    value.append(le: tag)
    value.append(le: UInt16(permissions))
    value.append(le: id)
  }
  return ExtendedAttribute(name: Array(name.utf8), value: value)
}

extension FileTree {
  /// Gives the file at `path` one name more.
  mutating func addName(_ other: TreePath, of path: TreePath) throws {
    guard let id = find(path, followingLast: false), let name = other.names.last else { throw TreeError.missing(path) }
    try modify(other.parent) { (inode: inout Inode) in
      if case .directory(var directory) = inode.body {
        directory[name] = id
        inode.body = .directory(directory)
      }
    }
  }
}

/// A tree with something of everything.
func oddTree() throws -> FileTree {
  var tree = FileTree(inode: folder())
  for path in ["bin", "etc/deep/er", "dev", "home", "weird"] as [TreePath] {
    try tree.makeDirectory(path, like: folder())
  }
  try tree.modify("home") { (inode: inout Inode) in
    inode.mode = 0o2775
    inode.uid = 1000
    inode.gid = 100
    inode.xattrs = [list("system.posix_acl_default")]
    inode.modified = Timestamp(seconds: -5, nanoseconds: 1)
  }
  var ping = file(noise(70_000), mode: 0o4755)
  ping.xattrs = [capability, ExtendedAttribute(name: Array("user.note".utf8), value: noise(3000, seed: 9))]
  try tree.put(ping, at: "bin/ping")
  try tree.addName("etc/ping2", of: "bin/ping")
  try tree.addName("bin/zping", of: "bin/ping")
  var open = file("acl\n", mode: 0o755)
  open.xattrs = [list("system.posix_acl_access")]
  try tree.put(open, at: "etc/open")
  try tree.put(file("raspberrypi\n"), at: "etc/hostname")
  try tree.put(file(""), at: "etc/empty")
  try tree.put(stored(text(1 << 20)), at: "bin/text")
  try tree.put(stored(noise(600_000), uid: .max - 2, gid: 77), at: "bin/noise")
  let sparse = MemorySource(noise(300_000, seed: 3))
  let pieces = FileContent(
    size: 9_000_000, source: sparse,
    extents: [
      FileExtent(offset: 8192, sourceOffset: 4096, count: 200_000),
      FileExtent(offset: 208_192, sourceOffset: 0, count: 4096),
      FileExtent(offset: 5_000_192, sourceOffset: 210_000, count: 70_001),
    ])
  try tree.put(Inode(mode: 0o600, time: noon, body: .file(pieces)), at: "etc/deep/sparse")
  let hole = FileContent(size: 12_345_678, source: sparse, extents: [])
  try tree.put(Inode(mode: 0o600, time: noon, body: .file(hole)), at: "etc/deep/er/hole")
  try tree.put(
    Inode(mode: 0o777, uid: 5, gid: 6, time: noon, body: .symlink(Array("../bin/text".utf8))), at: "etc/link")
  try tree.put(
    Inode(mode: 0o777, time: noon, body: .symlink([UInt8](repeating: 0x74, count: 4000))), at: "etc/long")
  for (name, body) in [
    ("sda1", .blockDevice(DeviceNumber(major: 8, minor: 1))),
    ("tty", .characterDevice(DeviceNumber(major: 204, minor: 64))),
    ("big", .characterDevice(DeviceNumber(major: 259, minor: 70_000))), ("fifo", .fifo), ("socket", .socket),
  ] as [(String, Inode.Body)] {
    guard let name = Name(Array(name.utf8)) else { continue }
    try tree.put(Inode(mode: 0o620, uid: 1, gid: 5, time: noon, body: body), at: TreePath("dev").appending(name))
  }
  for bytes in [[0xFE, 0x0A, 0x20], Array("e\u{301} \"%".utf8), [UInt8](repeating: 0x6E, count: 255)] {
    guard let name = Name(bytes) else { continue }
    try tree.put(file(bytes), at: TreePath("weird").appending(name))
  }
  return tree
}

/// A small FAT tree, as boot partitions are.
func bootTree() throws -> FileTree {
  var tree = FileTree(flavor: .fat, inode: Inode(mode: 0, time: noon, body: .directory(Directory())))
  try tree.makeDirectory("overlays", like: Inode(mode: 0, time: noon, body: .fifo))
  try tree.put(Inode(mode: 0, time: noon, body: .file(FileContent(bytes: noise(10_000)))), at: "overlays/a.dtbo")
  try tree.put(Inode(mode: 0, time: noon, body: .file(FileContent(bytes: text(400)))), at: "cmdline.txt")
  return tree
}

/// The subvolume of these trees.
func subvolume(boot: FileTree, root: FileTree, time: Timestamp = noon) -> Subvolume {
  Subvolume(boot: boot, root: root, time: time)
}
