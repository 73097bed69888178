import Bytes
import FileTree
import Glibc
import HostFiles
import Storage
import struct SystemPackage.FilePath
import TestSupport
import Testing

private let when = Timestamp(seconds: 1_600_000_000, nanoseconds: 123_456_789)

@Suite struct ExtractionTests {
  private let folder: TemporaryFolder
  private var target: FilePath { folder.appending("out") }

  init() throws { folder = try TemporaryFolder() }

  private func inode(_ mode: UInt16, _ body: Inode.Body) -> Inode {
    Inode(mode: mode, uid: geteuid(), gid: getegid(), time: when, body: body)
  }

  private func file(_ text: String, mode: UInt16 = 0o644) -> Inode {
    inode(mode, .file(FileContent(bytes: Array(text.utf8))))
  }

  private func tree() throws -> FileTree {
    var tree = FileTree(inode: inode(0o755, .directory(Directory())))
    try tree.makeDirectory("etc/closed", like: inode(0o755, .directory(Directory())))
    try tree.put(file("pi\n"), at: "etc/hostname")
    try tree.put(file("x", mode: 0o400), at: "etc/closed/x")
    try tree.modify("etc/closed") { (inode: inout Inode) in inode.mode = 0o555 }
    try tree.put(inode(0o777, .symlink(Array("/etc".utf8))), at: "link")
    return tree
  }

  private func extract(
    _ tree: FileTree, _ patterns: String..., force: Bool = false, progress: Progress? = nil, losses: Losses = Losses()
  ) throws {
    let selection = try TreeSelection(patterns.flatMap { tree.matches(Array($0.utf8)) }, of: tree)
    try Extraction(
      selection, into: target, by: FolderWriter(.own, losses: losses, progress: progress), replacing: force
    ).run()
  }

  private var found: [String] {
    get throws {
      TreeWalk(try FolderReader(target).tree()).map { String(decoding: $0.path, as: UTF8.self) }
    }
  }

  @Test func `what was asked for arrives under its path, and what is there stays`() throws {
    let tree = try tree()
    try extract(tree, "/etc/hostname")
    #expect(try found == ["/", "/etc", "/etc/hostname"])
    try extract(tree, "/etc/closed", "/link")
    #expect(try found == ["/", "/etc", "/etc/closed", "/etc/closed/x", "/etc/hostname", "/link"])
    let back = try FolderReader(target).tree()
    #expect(back.inode(at: "etc/closed")?.mode == 0o555 && back.inode(at: "etc/closed")?.modified == when)
    #expect(back.inode(at: "etc/closed/x")?.mode == 0o400)
    _ = chmod(target.appending("etc/closed").string, 0o755)
  }

  @Test func `a file that is there is replaced by force only, and nothing is written before that is known`() throws {
    try extract(try tree(), "/etc/hostname")
    var other = try tree()
    try other.put(file("other\n"), at: "etc/hostname")
    #expect(throws: ExtractionError.self) { try extract(other, "/link", "/etc/hostname") }
    #expect(try found == ["/", "/etc", "/etc/hostname"])
    try extract(other, "/link", "/etc/hostname", force: true)
    guard case .file(let content)? = try FolderReader(target).tree().inode(at: "etc/hostname")?.body else { return }
    #expect(try content.read() == Array("other\n".utf8))
  }

  @Test func `links that lie in the folder lead nowhere`() throws {
    let outside = try TemporaryFolder()
    try #require(mkdir(target.string, 0o700) == 0)
    try #require(symlink(outside.path.string, target.appending("etc").string) == 0)
    #expect(throws: ExtractionError.self) { try extract(tree(), "/etc/hostname") }
    // By force the link goes, as with tar, and not what it points to.
    try extract(tree(), "/etc/hostname", force: true)
    #expect(try found == ["/", "/etc", "/etc/hostname"])
    #expect(try FolderListing.names(in: outside.path) == [])
  }

  @Test func `a folder is not replaced by a file, nor a file by a folder without force`() throws {
    try #require(mkdir(target.string, 0o700) == 0 && mkdir(target.appending("link").string, 0o700) == 0)
    #expect(throws: ExtractionError.self) { try extract(tree(), "/link", force: true) }
    try #require(rmdir(target.appending("link").string) == 0)
    #expect(symlink("x", target.appending("etc").string) == 0)
    #expect(throws: ExtractionError.self) { try extract(tree(), "/etc") }
  }

  @Test func `an interrupt leaves nothing`() throws {
    let progress = Progress()
    progress.cancel()
    do {
      try extract(tree(), "/", progress: progress)
      Issue.record("not interrupted")
    } catch let error as IOError {
      #expect(error.cause == .cancelled)
    }
    #expect(try found == ["/"])
  }

  @Test func `what a killed extraction left is removed by the next`() throws {
    let left = target.appending(".pibake-" + String(repeating: "1", count: 32) + ".partial")
    try #require(mkdir(target.string, 0o700) == 0 && mkdir(left.string, 0o700) == 0)
    try #require(mkdir(left.appending("etc").string, 0o700) == 0)
    try extract(tree(), "/link")
    #expect(try found == ["/", "/link"])
  }

  @Test func `what is lost without root is counted`() throws {
    var tree = try tree()
    try tree.put(
      Inode(mode: 0o600, time: when, body: .characterDevice(DeviceNumber(major: 1, minor: 3))), at: "null")
    var odd = file("x", mode: 0o4755)
    odd.uid = 12345
    odd.xattrs = [ExtendedAttribute(name: Array("security.capability".utf8), value: [1])]
    try tree.put(odd, at: "odd")
    let losses = Losses()
    try extract(tree, "/", losses: losses)
    let text = losses.sentences.joined(separator: "\n")
    for part in ["owners were not kept", "set-user-id", ": /odd", "devices were not made (1): /null", "attributes"] {
      #expect(text.contains(part), "\(text)")
    }
    #expect(try FolderReader(target).tree().inode(at: "odd")?.mode == 0o755)
  }

  @Test func `a folder that another path of the tree leads to by case alone is another folder`() throws {
    var tree = try tree()
    try tree.put(inode(0o777, .symlink(Array("/etc".utf8))), at: "A")
    try tree.makeDirectory("a", like: inode(0o755, .directory(Directory())))
    try tree.put(file("x"), at: "a/passwd")
    try extract(tree, "/A", "/a")
    #expect(try found == ["/", "/A", "/a", "/a/passwd"])
  }
}
