import FileTree
import Testing

@Suite struct AccessControlTests {
  private let text = "user::rwx,user:1000:r-x,group::rw-,group:5:---,mask::rwx,other::--x"
  // linux/posix_acl_xattr.h: version, then tag, permissions and id of each, little-endian.
  private let attribute: [UInt8] =
    [2, 0, 0, 0] + [1, 0, 7, 0, 255, 255, 255, 255] + [2, 0, 5, 0, 0xE8, 3, 0, 0] + [4, 0, 6, 0, 255, 255, 255, 255]
    + [8, 0, 0, 0, 5, 0, 0, 0] + [16, 0, 7, 0, 255, 255, 255, 255] + [32, 0, 1, 0, 255, 255, 255, 255]
  // fs/ext4/acl.h: version, then tag and permissions of each, and an id for named users and groups only.
  private let ext4: [UInt8] =
    [1, 0, 0, 0] + [1, 0, 7, 0] + [2, 0, 5, 0, 0xE8, 3, 0, 0] + [4, 0, 6, 0] + [8, 0, 0, 0, 5, 0, 0, 0]
    + [16, 0, 7, 0] + [32, 0, 1, 0]

  @Test func `one list has three forms`() throws {
    let lists = [
      try AccessControlList(parsing: Array(text.utf8)), try #require(AccessControlList(attribute: attribute)),
      try AccessControlList(ext4: ext4),
    ]
    for list in lists {
      #expect(list.text == text && list.attribute == attribute && list.ext4 == ext4)
      #expect(list.permissions == 0o771, "the mask stands for the group")
      #expect(!list.isMinimal)
    }
    let minimal = try AccessControlList(parsing: Array("u::rw-\ng::r--\no:---  # comment\n".utf8))
    #expect(minimal.isMinimal && minimal.permissions == 0o640)
  }

  @Test func `a list is as short as it must be, and nothing else is one`() {
    for count in 0..<attribute.count {
      #expect((AccessControlList(attribute: Array(attribute.prefix(count))) != nil) == (count >= 4 && count % 8 == 4))
    }
    #expect(AccessControlList(attribute: [1] + attribute.dropFirst()) == nil)
    #expect(AccessControlList(attribute: [2, 0, 0, 0, 3] + attribute[5..<12]) == nil, "no tag")
    for count in [0, 3, 5, 9, ext4.count - 1] {
      #expect(throws: AccessControlList.Problem.self) { try AccessControlList(ext4: Array(ext4.prefix(count))) }
    }
    #expect(throws: AccessControlList.Problem.self) { try AccessControlList(ext4: [1, 0, 0, 0, 64, 0, 7, 0]) }
    for text in ["user", "user:a:b:c:d", "mask:5:rwx", "user::rw,user::r", "who::rwx", "user::rws"] {
      #expect(throws: AccessControlList.TextProblem.self) { try AccessControlList(parsing: Array(text.utf8)) }
    }
  }

  @Test func `names are numbered by who knows them, and what text cannot say has none`() throws {
    let list = try AccessControlList(parsing: Array("user:ben:r--,group:staff:r--:50".utf8)) { party, name in
      party == .user && name == Array("ben".utf8) ? 7 : nil
    }
    #expect(list.text == "user:7:r--,group:50:r--")
    #expect(throws: AccessControlList.TextProblem.self) { try AccessControlList(parsing: Array("user:ben:r--".utf8)) }
    let odd = try #require(AccessControlList(attribute: [2, 0, 0, 0, 1, 0, 8, 0, 255, 255, 255, 255]))
    #expect(odd.text == nil && odd.attribute[6] == 8)
  }
}
