import FileTree
import Glibc
import HostFiles
import Storage
import struct SystemPackage.FilePath
import TestSupport
import Testing

private let hasTools = Tool.arePresent("python3", "sh")

/// What a folder's reader gives while somebody else is at work in the folder, or has made it odd.
@Suite(.enabled(if: hasTools, "needs python3")) struct FolderReaderTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func shell(_ script: String) async throws {
    let result = try await Tool.run("sh", ["-euc", "cd '\(folder.path)'; \(script)"])
    try #require(result.status == 0, "\(result.output)")
  }

  private func content(of path: TreePath, in tree: FileTree) throws -> String {
    let inode = try #require(tree.inode(at: path))
    guard case .file(let content) = inode.body else { return "no file" }
    return String(decoding: try content.read(), as: UTF8.self)
  }

  @Test(arguments: [
    // The file itself becomes a link, another file of the same size, a file with other bytes.
    "rm in/sub/file; ln -s ../../secret in/sub/file", "rm in/sub/file; printf secret > in/sub/file",
    "printf secret > in/sub/file", "touch -d @1 in/sub/file",
    // The folder that it is in becomes a link, or goes.
    "mv in/sub in/away; ln -s ../other in/sub", "mv in/sub away", "rm -r in/sub; ln other/file in/sub",
  ])
  func `what was replaced since it was listed is an error, and is not read`(change: String) async throws {
    try await shell(
      """
      mkdir -p in/sub other; printf public > in/sub/file; printf secret > secret; printf secret > other/file
      printf x > in/kept
      """)
    let tree = try FolderReader(folder.appending("in")).tree()
    try await shell(change)
    #expect(throws: IOError.self) { try content(of: "sub/file", in: tree) }
    #expect(try content(of: "kept", in: tree) == "x")
  }

  @Test func `a folder that is renamed as a whole is still the one that was opened`() async throws {
    try await shell("mkdir -p in/sub other/sub; printf public > in/sub/file; printf secret > other/sub/file")
    let tree = try FolderReader(folder.appending("in")).tree()
    try await shell("mv in away; mv other in")
    #expect(try content(of: "sub/file", in: tree) == "public")
  }

  @Test func `no depth of folders ends the reading, and the deepest file can be read`() async throws {
    let make = """
      import os
      os.mkdir("in"); os.chdir("in")
      for level in range(18000):
          os.mkdir("d"); os.mkdir("e") if level % 1000 == 0 else None; os.chdir("d")
      open("file", "w").write("deep")
      """
    try await shell("python3 -c '\(make)'")
    let tree = try FolderReader(folder.appending("in")).tree()
    #expect(tree.ids.count == 18_000 + 18 + 2)
    var directory = tree.root
    for _ in 0..<18_000 {
      directory = try #require(tree.directory(directory)?.first { $0.name.bytes == Array("d".utf8) }?.id)
    }
    let file = try #require(tree.directory(directory)?.first { $0.name.bytes == Array("file".utf8) }?.id)
    guard case .file(let content) = tree[file]?.body else { throw Fixture.Failed(description: "no file") }
    #expect(try content.read() == Array("deep".utf8))
    try await shell("rm -rf in")
  }

  @Test(.enabled(if: geteuid() == 0, "only root may mount"))
  func `files of two file systems are not one file because their inode numbers are equal`() async throws {
    // Two file systems of the kernel's memory number their first files alike; a file can be mounted over another.
    try await shell("mkdir -p in one two")
    let mounted = try await Tool.run(
      "sh",
      [
        "-euc",
        """
        cd '\(folder.path)'; mount -t tmpfs one one; mount -t tmpfs two two
        printf first > one/a; ln one/a one/b; printf other > two/a; ln two/a two/b
        : > in/a; : > in/b; mount --bind one/a in/a; mount --bind two/a in/b
        """,
      ])
    defer {
      for name in ["in/a", "in/b", "one", "two"] { umount(folder.appending(name).string) }
    }
    guard mounted.status == 0 else {
      print("two file systems cannot be mounted here: not tested\n\(mounted.output)")
      return
    }
    let tree = try FolderReader(folder.appending("in")).tree()
    #expect(try content(of: "a", in: tree) == "first")
    #expect(try content(of: "b", in: tree) == "other")
  }
}
