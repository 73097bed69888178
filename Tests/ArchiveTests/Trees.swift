import Bytes
import FileTree
import Storage
import struct SystemPackage.FileDescriptor
import struct SystemPackage.FilePath
import TestSupport

@testable import Archive

let when = Timestamp(seconds: 1_600_000_000, nanoseconds: 123_456_789)

func inode(_ mode: UInt16, _ body: Inode.Body, uid: UInt32 = 1000, time: Timestamp = when) -> Inode {
  Inode(mode: mode, uid: uid, gid: 70000, time: time, body: body)
}

func attribute(_ name: String, _ value: [UInt8]) -> ExtendedAttribute {
  ExtendedAttribute(name: Array(name.utf8), value: value)
}

/// The value of getxattr(2) of the ACL that `text` spells.
func acl(_ text: String) throws -> [UInt8] { try AccessControlList(parsing: Array(text.utf8)).attribute }

/// A tree with one of everything that an archive can hold.
func oddTree() throws -> FileTree {
  var tree = FileTree(inode: inode(0o750, .directory(Directory())))
  var shared = inode(0o2775, .directory(Directory()))
  shared.xattrs = [
    attribute("system.posix_acl_access", try acl("user::rwx,user:1000:r-x,group::rwx,mask::rwx,other::r-x")),
    attribute("system.posix_acl_default", try acl("user::rwx,group::r-x,group:5:rw-,mask::rwx,other::---")),
  ]
  tree[try tree.makeDirectory("d/e", like: inode(0o755, .directory(Directory())))] = shared
  var capable = inode(0o4755, .file(FileContent(bytes: Array("data".utf8))))
  capable.xattrs = [
    attribute("security.capability", [1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
    attribute("user.note", [0, 0xFF, 0x0A, 0x3D]),
  ]
  let id = try tree.put(capable, at: "d/capable")
  try tree.put(inode(0o777, .symlink([0xFF, 0x2F, 0x80])), at: "d/link")
  try tree.put(inode(0o777, .symlink([UInt8](repeating: 0x61, count: 300))), at: "d/far")
  try tree.put(inode(0o640, .characterDevice(DeviceNumber(major: 300, minor: 70000))), at: "c")
  try tree.put(inode(0o640, .blockDevice(DeviceNumber(major: 8, minor: 1))), at: "b")
  try tree.put(inode(0o600, .fifo), at: "fifo")
  try tree.put(inode(0o644, .file(FileContent(bytes: [])), uid: 4_000_000_000), at: "empty")
  try tree.put(inode(0o644, .file(FileContent(bytes: [])), time: Timestamp(seconds: -2)), at: "old")
  try tree.put(
    inode(0o644, .file(FileContent(bytes: Array("x".utf8)))), at: TreePath([try name([0xFE, 0x0A, 0x1B, 0x5B])]))
  try tree.put(
    inode(0o644, .file(FileContent(bytes: Array("x".utf8)))),
    at: TreePath([try name([UInt8](repeating: 0x6E, count: 255))]))
  try tree.put(
    inode(0o644, .file(FileContent(bytes: Array("y".utf8)))),
    at: TreePath([try name([UInt8](repeating: 0xFE, count: 255))]))
  let extents = [
    FileExtent(offset: 8192, sourceOffset: 0, count: 700), FileExtent(offset: 1 << 20, sourceOffset: 700, count: 99),
  ]
  let source = MemorySource((0..<799).map { UInt8($0 % 251) })
  try tree.put(inode(0o644, .file(FileContent(size: 2 << 20, source: source, extents: extents))), at: "sparse")
  try tree.put(inode(0o644, .file(FileContent(size: 1 << 20, source: source, extents: []))), at: "hole")
  var directory = tree.find("d/e").flatMap { tree.directory($0) } ?? Directory()
  directory[try name(Array("twin".utf8))] = id
  try tree.modify("d/e") { (inode: inout Inode) in inode.body = .directory(directory) }
  return tree
}

struct NoName: Error {}

func name(_ bytes: [UInt8]) throws -> Name {
  guard let name = Name(bytes) else { throw NoName() }
  return name
}

/// The manifest of a tree, line by line.
func lines(_ tree: FileTree) throws -> [String] {
  var bytes: [UInt8] = []
  try Manifest(of: tree).write { bytes.append(contentsOf: $0.array) }
  return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
}

/// Writes the archive of `tree` to `path`.
func write(_ tree: FileTree, to path: FilePath) throws {
  let descriptor = try FileDescriptor.open(
    path, .writeOnly, options: [.create, .truncate], permissions: [.ownerReadWrite])
  defer { try? descriptor.close() }
  var sink = SparseFileSink(descriptor, path: path)
  for run in try TarWriter(tree) { try sink.write(run) }
  _ = try sink.finish()
}

/// The lines that only one of two manifests has.
func difference(_ left: [String], _ right: [String]) -> [String] {
  let (leftSet, rightSet) = (Set(left), Set(right))
  return left.filter { !rightSet.contains($0) }.map { "+" + $0 }
    + right.filter { !leftSet.contains($0) }.map { "-" + $0 }
}
