import FileTree

/// A time that all inodes of these tests have.
let noon = Timestamp(seconds: 1_700_000_000)

/// An empty directory.
func folder(mode: UInt16 = 0o755) -> Inode { Inode(mode: mode, time: noon, body: .directory(Directory())) }

/// A file of this text.
func file(_ text: String, mode: UInt16 = 0o644) -> Inode {
  Inode(mode: mode, time: noon, body: .file(FileContent(bytes: Array(text.utf8))))
}

/// A symbolic link.
func link(_ target: String) -> Inode { Inode(mode: 0o777, time: noon, body: .symlink(Array(target.utf8))) }

/// A tree in the shape of a Debian: `bin` and `lib` are links into `usr`.
func debian() throws -> FileTree {
  var tree = FileTree(inode: folder())
  for path in ["etc/ssh", "usr/bin", "usr/lib/systemd", "home/pi"] as [TreePath] {
    try tree.makeDirectory(path, like: folder())
  }
  try tree.put(link("usr/lib"), at: "lib")
  try tree.put(link("/usr/bin"), at: "bin")
  try tree.put(file("raspberrypi\n"), at: "etc/hostname")
  try tree.put(file("#!/bin/sh\n", mode: 0o755), at: "usr/bin/dash")
  try tree.put(link("dash"), at: "usr/bin/sh")
  return tree
}

extension FileTree {
  /// The text of the file at `path`; nil if there is none.
  func text(_ path: TreePath) throws -> String? {
    guard case .file(let content)? = inode(at: path)?.body else { return nil }
    return String(decoding: try content.read(), as: UTF8.self)
  }

  /// All paths in the order of the walk.
  var paths: [String] { TreeWalk(self).map { String(decoding: $0.path, as: UTF8.self) } }
}
