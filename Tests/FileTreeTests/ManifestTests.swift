import Bytes
import FileTree
import Storage
import Testing

@Suite struct ManifestTests {
  private func lines(_ tree: FileTree) throws -> [String] {
    var text: [UInt8] = []
    try Manifest(of: tree).write { text.append(contentsOf: $0.array) }
    return String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  @Test(arguments: [[1 << 62, 1 << 62, 1 << 62], [Int.max], [16 << 40, 1]])
  func `files that nobody could wait for are refused before any is read`(sizes: [Int]) throws {
    var tree = FileTree(inode: folder())
    for (number, size) in sizes.enumerated() {
      var inode = file("")
      inode.body = .file(FileContent(size: size, source: NoSource(), extents: []))
      try tree.put(inode, at: TreePath([try #require(Name("\(number)".utf8))]))
    }
    let error = #expect(throws: IOError.self) { try Manifest(of: tree) }
    #expect(error?.description.contains("more than 17592186044416 bytes, holes included") == true)
  }

  @Test func `each kind of inode has its keys, in their order`() throws {
    var tree = FileTree(inode: folder())
    var odd = file("hello", mode: 0o4755)
    odd.xattrs = [ExtendedAttribute(name: Array("user.a".utf8), value: [1, 2, 3, 4])]
    odd.modified = Timestamp(seconds: -1, nanoseconds: 500_000_000)
    odd.uid = 4_294_967_294
    let id = try tree.put(odd, at: TreePath([try #require(Name([0x25, 0xFF, 0x22, 0x20]))]))
    try tree.put(link("a\"b"), at: "l")
    try tree.put(
      Inode(mode: 0o600, time: noon, body: .blockDevice(DeviceNumber(major: 259, minor: 70000))), at: "z")
    var root = try #require(tree.directory(tree.root))
    root[try #require(Name([0x7E]))] = id
    tree[tree.root]?.body = .directory(root)
    let sha = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
    let common =
      #""type":"file","mode":"4755","uid":4294967294,"gid":0,"size":5,"mtime":"-1.500000000","nlink":2,"#
      + #""xattrs":{"user.a":"AQIDBA=="},"sha256":"\#(sha)""#
    #expect(
      try lines(tree) == [
        #"{"path":"/","type":"dir","mode":"0755","uid":0,"gid":0,"mtime":"1700000000.000000000","nlink":2}"#,
        #"{"path":"/%25%FF%22 ",\#(common)}"#,
        #"{"path":"/l","type":"symlink","mode":"0777","uid":0,"gid":0,"size":3,"mtime":"1700000000.000000000","#
          + #""nlink":1,"target":"a%22b"}"#,
        #"{"path":"/z","type":"block","mode":"0600","uid":0,"gid":0,"mtime":"1700000000.000000000","nlink":1,"#
          + #""rdev":"259:70000"}"#,
        #"{"path":"/~",\#(common),"same":"/%25%FF%22 "}"#,
      ])
  }

  @Test func `a FAT has attributes instead of modes`() throws {
    var tree = FileTree(flavor: .fat, inode: folder())
    var hidden = file("")
    hidden.attributes = [.readOnly, .hidden, .archive]
    try tree.put(hidden, at: "h")
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    #expect(
      try lines(tree) == [
        #"{"path":"/","type":"dir"}"#,
        #"{"path":"/h","type":"file","size":0,"mtime":"1700000000.000000000","attr":"AHR","sha256":"\#(empty)"}"#,
      ])
  }
}

/// A source that nobody may read.
private final class NoSource: ByteSource {
  let name = "none"
  let size = 0
  func read(at offset: Int, into buffer: inout MutableSpan<UInt8>) throws(IOError) {
    throw IOError(path: name, operation: "read", cause: .message("nothing is to be read"))
  }
}
