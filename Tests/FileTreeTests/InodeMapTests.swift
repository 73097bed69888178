import FileTree
import Testing

@Suite struct InodeMapTests {
  @Test func `values far apart are kept, and all other inodes have the value for absent ones`() {
    var map = InodeMap(absent: 0)
    for number in [2, 255, 256, 67_000_000, UInt32.max] { map[InodeID(number)] = Int(number) }
    for number in [2, 255, 256, 67_000_000, UInt32.max] { #expect(map[InodeID(number)] == Int(number)) }
    for number in [0, 1, 3, 254, 257, 66_999_999, UInt32.max - 1] { #expect(map[InodeID(number)] == 0) }
    var seen: [UInt32] = []
    map.forEach { id, value in if value != 0 { seen.append(id.number) } }
    #expect(seen == [2, 255, 256, 67_000_000, UInt32.max])
  }

  @Test func `link counts of inodes far apart take no memory for those between`() throws {
    var tree = FileTree(inode: folder())
    let id = InodeID(66_846_721)
    tree[id] = file("far")
    var directory = Directory()
    directory[try #require(Name(Array("far".utf8)))] = id
    tree[tree.root]?.body = .directory(directory)
    #expect(tree.linkCounts()[id] == 1)
    #expect(tree.linkCounts()[tree.root] == 2)
    tree.indexNames()
    #expect(tree.directories(naming: id) == [tree.root])
  }
}
