import Bytes
import FileTree
import Glibc
import HostFiles
import Storage
import struct SystemPackage.FileDescriptor
import struct SystemPackage.FilePath
import TestSupport
import Testing

private let isRoot = geteuid() == 0
private let when = Timestamp(seconds: 1_600_000_000, nanoseconds: 123_456_789)

@Suite struct FolderTests {
  @Test(.enabled(if: isRoot, "only root may give files away and make devices"))
  func `a tree survives the way into a folder and back`() throws {
    let tree = try oddTree()
    let folder = try TemporaryFolder()
    let path = folder.appending("tree")
    try #require(mkdir(path.string, 0o700) == 0)
    try FolderWriter(.full).write(tree, into: path)
    let back = try FolderReader(path).tree()
    #expect(try text(of: back) == text(of: tree))
  }

  @Test func `a plain folder has files for everybody, with their times`() throws {
    var tree = FileTree(flavor: .fat, inode: Inode(mode: 0, time: when, body: .directory(Directory())))
    try tree.makeDirectory("overlays", like: Inode(mode: 0, time: when, body: .fifo))
    let file = Inode(mode: 0, uid: 77, time: when, body: .file(FileContent(bytes: Array("x".utf8))))
    try tree.put(file, at: "overlays/a.dtbo")
    let folder = try TemporaryFolder()
    let path = folder.appending("boot")
    try #require(mkdir(path.string, 0o700) == 0)
    try FolderWriter(.plain).write(tree, into: path)
    let back = try FolderReader(path).tree()
    let inode = try #require(back.inode(at: "overlays/a.dtbo"))
    #expect(inode.mode == 0o644 && inode.uid == geteuid() && inode.modified == when)
    #expect(back.inode(at: "overlays")?.mode == 0o755)
  }

  @Test func `a link in a folder does not lead the reader outside`() throws {
    let folder = try TemporaryFolder()
    try #require(symlink("/etc", folder.appending("out").string) == 0)
    let tree = try FolderReader(folder.path).tree()
    #expect(TreeWalk(tree).map { String(decoding: $0.path, as: UTF8.self) } == ["/", "/out"])
  }

  @Test func `removal takes a folder with all it holds, and not what its links point to`() throws {
    let outside = try TemporaryFolder()
    let kept = try FileDescriptor.open(
      outside.appending("kept"), .writeOnly, options: .create, permissions: .ownerReadWrite)
    try kept.close()
    let folder = try TemporaryFolder()
    let victim = folder.appending("victim")
    try #require(mkdir(victim.string, 0o700) == 0 && mkdir(victim.appending("a").string, 0o700) == 0)
    try #require(symlink(outside.path.string, victim.appending("a/link").string) == 0)
    try TreeRemoval.remove(victim)
    #expect(access(victim.string, F_OK) != 0)
    #expect(access(outside.appending("kept").string, F_OK) == 0)
    try TreeRemoval.remove(victim)
  }

  private func oddTree() throws -> FileTree {
    var tree = FileTree(inode: inode(0o750, .directory(Directory())))
    try tree.makeDirectory("d/e", like: inode(0o2775, .directory(Directory())))
    var capable = inode(0o4755, .file(FileContent(bytes: Array("data".utf8))))
    capable.xattrs = [
      ExtendedAttribute(
        name: Array("security.capability".utf8),
        value: [1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
      ExtendedAttribute(name: Array("user.note".utf8), value: Array("hi".utf8)),
    ]
    let id = try tree.put(capable, at: "d/capable")
    try tree.put(inode(0o777, .symlink([0xFF, 0x2F, 0x80])), at: "d/link")
    try tree.put(inode(0o640, .characterDevice(DeviceNumber(major: 300, minor: 70000))), at: "c")
    try tree.put(inode(0o600, .fifo), at: "fifo")
    try tree.put(inode(0o777, .socket), at: "socket")
    try tree.put(inode(0o644, .file(FileContent(bytes: []))), at: TreePath([try #require(Name([0xFE, 0x0A]))]))
    var directory = try #require(tree.find("d/e").flatMap { tree.directory($0) })
    directory[try #require(Name(Array("twin".utf8)))] = id
    try tree.modify("d/e") { (inode: inout Inode) in inode.body = .directory(directory) }
    return tree
  }

  private func inode(_ mode: UInt16, _ body: Inode.Body) -> Inode {
    Inode(mode: mode, uid: 1000, gid: 70000, time: when, body: body)
  }

  private func text(of tree: FileTree) throws -> String {
    var bytes: [UInt8] = []
    try Manifest(of: tree).write { bytes.append(contentsOf: $0.array) }
    return String(decoding: bytes, as: UTF8.self)
  }
}
