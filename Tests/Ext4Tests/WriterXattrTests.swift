import Bytes
import FileTree
import TestSupport
import Testing

@testable import Ext4

@Suite(.enabled(if: Tool.arePresent("e2fsck", "debugfs"), "e2fsprogs is not installed"))
struct WriterXattrTests {
  static func attribute(_ name: String, _ count: Int, fill: UInt8 = 0x76) -> ExtendedAttribute {
    ExtendedAttribute(name: Array(name.utf8), value: [UInt8](repeating: fill, count: count))
  }

  static func file(_ attributes: ExtendedAttribute...) -> Inode {
    .file("x").with { $0.xattrs = attributes.sorted { $0.name.lexicographicallyPrecedes($1.name) } }
  }

  static let acl: [UInt8] = [
    2, 0, 0, 0, 1, 0, 6, 0, 255, 255, 255, 255, 2, 0, 4, 0, 0xE8, 3, 0, 0, 4, 0, 4, 0, 255, 255, 255, 255, 16, 0, 6, 0,
    255, 255, 255, 255, 32, 0, 4, 0, 255, 255, 255, 255,
  ]

  @Test func `attributes of all sizes are clean, and the kernel reads them`() async throws {
    var tree = FileTree.empty
    tree.add("empty-value", Self.file(Self.attribute("user.empty", 0)))
    // 88 bytes fit after the inode: 16 for the entry, 4 for the name.
    for count in [67, 68, 69] { tree.add("near-\(count)", Self.file(Self.attribute("user.near", count))) }
    // 4060 bytes fit in a block.
    for count in [4039, 4040] { tree.add("far-\(count)", Self.file(Self.attribute("user.abcd", count))) }
    tree.add("both", Self.file(Self.attribute("user.abcd", 4040), Self.attribute("user.near", 68)))
    // Only one division leaves a full block: 44 and 44 bytes after the inode, 48 and 4012 in it.
    tree.add(
      "divided",
      Self.file(
        Self.attribute("user.a", 24), Self.attribute("user.b", 24), Self.attribute("user.c", 3992),
        Self.attribute("user.d", 28)))
    // XATTR_NAME_MAX counts the prefix too.
    let longName = "user." + String(repeating: "n", count: 250)
    tree.add("long-name", Self.file(Self.attribute(longName, 9), Self.attribute("trusted.t", 3)))
    tree.add("many", .file("x").with { $0.xattrs = (10..<60).map { Self.attribute("user.\($0)", $0) } })
    // VFS_CAP_REVISION_2, effective: cap_net_raw.
    let capability = [1, 0, 0, 2, 0, 0x20] + [UInt8](repeating: 0, count: 14)
    tree.add("capability", Self.file(ExtendedAttribute(name: Array("security.capability".utf8), value: capability)))
    let access = ExtendedAttribute(name: Array("system.posix_acl_access".utf8), value: Self.acl)
    let standard = ExtendedAttribute(name: Array("system.posix_acl_default".utf8), value: Self.acl)
    tree.add("acl", Self.file(access).with { $0.mode = 0o664 })
    tree.add("folder", .folder(mode: 0o765).with { $0.xattrs = [access, standard] })
    tree.add("link", .symlink(10).with { $0.xattrs = [Self.attribute("trusted.link", 100)] })

    let image = try WrittenImage(tree)
    try await image.expectClean()
    try await image.expectMountsAs(tree.withLostAndFound)
  }

  @Test func `what does not fit or has no prefix is refused with the path`() {
    func expect(_ attribute: ExtendedAttribute, _ message: String) {
      var tree = FileTree.empty
      tree.add("x", Self.file(attribute), in: tree.add("d", .folder()))
      expectProblem(tree, "/d/x: " + message)
    }
    expect(
      Self.attribute("user.abcd", 4041),
      "4064 bytes of extended attributes are more than ext4 holds beside a file")
    expect(
      Self.attribute("system.nfs4_acl", 1), "ext4 cannot hold an extended attribute of the name \"system.nfs4_acl\"")
    expect(
      Self.attribute("btrfs.compression", 1), "ext4 cannot hold an extended attribute of the name \"btrfs.compression\""
    )
    expect(Self.attribute("user.", 1), "ext4 cannot hold an extended attribute of the name \"user.\"")
    expect(
      Self.attribute("system.posix_acl_access", 12), "the extended attribute \"system.posix_acl_access\" is no ACL")
  }
}
