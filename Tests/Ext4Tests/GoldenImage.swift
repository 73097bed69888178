import Bytes
import Glibc
import Storage
import SystemPackage
import TestSupport
import Testing

@testable import Ext4

/// An image that e2fsprogs made of one small tree with everything in it that ext4 can hold.
struct GoldenImage: Sendable, CustomTestStringConvertible {
  /// What is special about it.
  let name: String
  /// Options of mke2fs.
  let options: [String]
  var size = 64 << 20
  /// Whether inodes have room for what lies after their first 128 bytes: nanoseconds, times after 2038.
  var hasExtraFields = true
  /// Whether values of extended attributes can be inodes.
  var hasValueInodes = false
  /// Whether the tree has a handful of files instead of thousands, and small ones.
  var isSmall = false

  /// The number of names in the tree, the root and lost+found among them.
  var nameCount: Int { 25 + fileCount }
  private var fileCount: Int { isSmall ? 60 : 800 }

  var testDescription: String { name }

  static let all: [GoldenImage] = [
    GoldenImage(name: "ext4", options: []),
    GoldenImage(name: "pi-gen", options: ["-O", "^64bit,^huge_file"]),
    GoldenImage(name: "pi-gen trixie", options: ["-O", "^64bit,^huge_file,metadata_csum_seed,orphan_file"]),
    GoldenImage(name: "ext2", options: ["-O", "none,filetype,sparse_super,ext_attr,large_file"]),
    GoldenImage(name: "ext2 1 KiB", options: ["-O", "none,filetype,ext_attr,large_file", "-b", "1024"]),
    GoldenImage(name: "ext3", options: ["-O", "^extent,^64bit,^flex_bg,^metadata_csum,^huge_file,^extra_isize"]),
    GoldenImage(name: "1 KiB", options: ["-b", "1024"]),
    GoldenImage(name: "2 KiB", options: ["-b", "2048"]),
    GoldenImage(name: "16 KiB", options: ["-b", "16384"], size: 256 << 20),
    GoldenImage(name: "64 KiB", options: ["-b", "65536"], size: 1 << 30),
    GoldenImage(name: "inodes of 128", options: ["-I", "128", "-b", "4096"], hasExtraFields: false),
    GoldenImage(name: "inodes of 512", options: ["-I", "512"]),
    GoldenImage(name: "inodes of 1024", options: ["-I", "1024"]),
    GoldenImage(name: "uninit_bg", options: ["-O", "^metadata_csum,uninit_bg"]),
    GoldenImage(name: "uninit_bg 32 bytes", options: ["-O", "^metadata_csum,uninit_bg,^64bit", "-b", "1024"]),
    GoldenImage(name: "no checksums", options: ["-O", "^metadata_csum"]),
    GoldenImage(name: "metadata_csum_seed", options: ["-O", "metadata_csum_seed", "-U", "random"]),
    GoldenImage(name: "meta_bg", options: ["-O", "meta_bg,^resize_inode", "-b", "1024"], size: 600 << 20),
    GoldenImage(
      name: "meta_bg 32 bytes", options: ["-O", "meta_bg,^resize_inode,^64bit", "-b", "1024"], size: 600 << 20),
    GoldenImage(name: "bigalloc", options: ["-O", "bigalloc", "-C", "16384"]),
    GoldenImage(name: "bigalloc 1 KiB", options: ["-O", "bigalloc", "-b", "1024", "-C", "16384"]),
    GoldenImage(name: "inline_data", options: ["-O", "inline_data"]),
    GoldenImage(name: "inline_data 1024", options: ["-O", "inline_data", "-I", "1024"]),
    GoldenImage(name: "ea_inode", options: ["-O", "ea_inode"], hasValueInodes: true),
    GoldenImage(name: "casefold", options: ["-O", "casefold", "-E", "encoding=utf8"]),
    GoldenImage(name: "encrypt", options: ["-O", "encrypt"]),
    GoldenImage(name: "verity", options: ["-O", "verity"]),
    GoldenImage(name: "large_dir", options: ["-O", "large_dir"]),
    GoldenImage(name: "sparse_super2", options: ["-O", "sparse_super2,^resize_inode,^sparse_super"]),
    GoldenImage(name: "quota", options: ["-O", "quota,project", "-E", "quotatype=usrquota:grpquota:prjquota"]),
    GoldenImage(name: "no journal", options: ["-O", "^has_journal"]),
    GoldenImage(name: "mmp", options: ["-O", "mmp"]),
    GoldenImage(name: "fast_commit", options: ["-O", "fast_commit"]),
    GoldenImage(name: "no flex_bg", options: ["-O", "^flex_bg", "-b", "1024"]),
    GoldenImage(name: "stable_inodes", options: ["-O", "stable_inodes"]),
    GoldenImage(name: "no filetype", options: ["-O", "^filetype"]),
    GoldenImage(name: "no dir_index", options: ["-O", "^dir_index"]),
  ]

  /// Makes the image as the file `image` of `folder`, filled by mke2fs -d, debugfs and e2fsck -D.
  func make(in folder: TemporaryFolder) async throws -> FilePath {
    let image = folder.appending("image")
    try write([], to: image, size: size)
    let root = folder.appending("root")
    try await makeRoot(root)
    // One time for all, so that images of one tree differ only in how they hold it.
    let time = "E2FSPROGS_FAKE_TIME=1700000000"
    let make = try await Tool.run(
      "env",
      [time, "mke2fs", "-q", "-F", "-t", "ext4", "-E", "root_owner=0:0"] + options + ["-d", root.string, image.string])
    try #require(make.status == 0, "\(make.output)")

    let script = folder.appending("script")
    try write(Array(self.script(folder).joined(separator: "\n").utf8), to: script)
    let debugfs = try await Tool.run("env", [time, "debugfs", "-w", "-f", script.string, image.string])
    let complaints = debugfs.output.split(separator: "\n").filter {
      !$0.hasPrefix("debugfs") && !$0.hasPrefix("Allocated inode")
    }
    try #require(debugfs.status == 0 && complaints.isEmpty, "\(complaints)")
    // -D also makes hash trees of the directories that mke2fs filled.
    let check = try await Tool.run("env", [time, "e2fsck", "-fyD", image.string])
    try #require(check.status <= 1, "\(check.output)")
    return image
  }

  /// What debugfs does to the image, since it needs no rights for it.
  private func script(_ folder: TemporaryFolder) -> [String] {
    var lines = [
      "symlink fast target", "symlink fast59 \(String(repeating: "x", count: 59))",
      "symlink slow60 \(String(repeating: "y", count: 60))", "symlink slow \(String(repeating: "long/", count: 150))",
      "mknod null c 1 3", "mknod tty c 5 1", "mknod fifo p",
      "mknod disk b 1 1", "set_inode_field disk block[0] 0",
      // 259:70000 as Linux 2.6 packs it.
      "set_inode_field disk block[1] \(70000 & 0xFF | 259 << 8 | (70000 & ~0xFF) << 12)",
      "mknod socket p", "set_inode_field socket mode 0140755",
      "ln file hard", "ln file folder/hard", "set_inode_field file links_count 3",
      "set_inode_field file uid 100000", "set_inode_field file gid 4000000000",
      "set_inode_field file mode 0106755",
      // Append-only, immutable, not dumped, no access times.
      "set_inode_field empty flags 0xF0",
      "fallocate unwritten 5 30",
      "ea_set folder user.comment folders-too",
      "ea_set file user.note hi-there", "ea_set file user.a x", "ea_set file security.other value",
      "ea_set -f \(folder.appending("acl")) file system.posix_acl_access",
      "ea_set -f \(folder.appending("value")) many user.block",
    ]
    if hasExtraFields {
      lines += [
        // Year 2378, and the last nanosecond of a second.
        "set_inode_field file mtime 0", "set_inode_field file mtime_extra 0xEE6B27FF",
        "set_inode_field many mtime 0xFFFFFF00", "set_inode_field many mtime_extra 0",
      ]
    }
    if hasValueInodes {
      lines += [
        "ea_set -f \(folder.appending("large")) file user.large",
        "ea_set -f \(folder.appending("large")) many user.large",
      ]
    }
    return lines
  }

  private func makeRoot(_ root: FilePath) async throws {
    for folder in ["", "folder", "folder/deep", "folder/deep/deeper", "thousands"] {
      try #require(unsafe mkdir(root.string + "/" + folder, 0o755) == 0)
    }
    try write(Array("hello\n".utf8), to: root.appending("file"))
    try write([], to: root.appending("empty"))
    try write([UInt8](repeating: 7, count: 61), to: root.appending("inline61"))
    try write([UInt8](repeating: 8, count: 150), to: root.appending("inline150"))
    try write([UInt8](repeating: 0x55, count: isSmall ? 20_000 : 300_000), to: root.appending("many"))
    try write((0..<20_000).map { _ in 9 }, to: root.appending("unwritten"), size: 200_000)
    // Every other KiB is a hole: more extents than two levels of small blocks can hold.
    let piece = [UInt8](repeating: 0x55, count: 1024) + [UInt8](repeating: 0, count: 1024)
    var pieces: [UInt8] = []
    for _ in 0..<(isSmall ? 400 : 1000) { pieces += piece }
    try write(pieces, to: root.appending("pieces"))
    // Far enough for the third level of indirect blocks of 1 KiB.
    try write(Array("end".utf8), to: root.appending("far"), at: 70 << 20, size: (70 << 20) + 100_000)
    // The shell makes hundreds of files faster than a debug build.
    let script = """
      cd "$1" && n=0 && while [ $n -lt \(fileCount) ]; do : > "file number $n of \u{e9} directory"; n=$((n + 1)); done
      find . -type f -exec touch -d @1600000000.123456789 {} +
      """
    let fill = try await Tool.run("sh", ["-c", script, "sh", root.string + "/thousands"])
    try #require(fill.status == 0, "\(fill.output)")
    for folder in ["", "folder", "folder/deep", "folder/deep/deeper", "thousands"] {
      setTimes(FilePath(root.string + "/" + folder))
    }
    let folder = root.removingLastComponent()
    // Owner, user 1000, group, mask and others, as getxattr(2) gives an ACL.
    var acl: [UInt8] = []
    acl.append(le: UInt32(2))
    for (tag, permissions, id) in [(1, 7, UInt32.max), (2, 4, 1000), (4, 5, .max), (16, 5, .max), (32, 5, .max)] {
      acl.append(le: UInt16(tag))
      acl.append(le: UInt16(permissions))
      acl.append(le: id)
    }
    try write(acl, to: folder.appending("acl"))
    try write([UInt8](repeating: 0x61, count: 600), to: folder.appending("value"))
    try write((0..<9000).map { UInt8(truncatingIfNeeded: $0 / 3) }, to: folder.appending("large"))
  }
}

/// Writes a file with `bytes` at `offset`, `size` bytes long in all; all else is a hole.
private func write(_ bytes: [UInt8], to path: FilePath, at offset: Int = 0, size: Int? = nil) throws {
  let file = try FileDescriptor.open(
    path, .writeOnly, options: [.create], permissions: [.ownerReadWrite, .groupRead])
  try file.closeAfter {
    _ = try file.writeAll(toAbsoluteOffset: Int64(offset), bytes)
    try file.resize(to: Int64(size ?? offset + bytes.count))
  }
  setTimes(path)
}

/// Gives `path` the time that all images shall have: mke2fs copies it.
private func setTimes(_ path: FilePath) {
  let time = timespec(tv_sec: 1_600_000_000, tv_nsec: 123_456_789)
  _ = unsafe utimensat(AT_FDCWD, path.string, [time, time], 0)
}
