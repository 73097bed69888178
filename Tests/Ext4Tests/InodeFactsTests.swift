import FileTree
import TestSupport
import Testing

@testable import Ext4

/// What names tell of an edited tree, found from the edits alone.
@Suite struct InodeFactsTests {
  /// A tree after edits of every kind, and how it departs from its base.
  private func edited(_ base: FileTree, seed: UInt64, count: Int) -> (FileTree, Divergence) {
    var edits = RandomEdits(seed: seed)
    var tree = base
    for _ in 0..<count { edits.edit(&tree) }
    return (tree, Divergence(from: base, to: tree))
  }

  @Test func `edits tell what a walk tells`() throws {
    var base = WriterSharedTests.base.withLostAndFound(time: someTime)
    base.indexNames()
    let names = try NamedInodes(base)
    let seed = Fuzzing.seed(7)
    var followed = 0
    for round in 0..<Fuzzing.rounds(60) {
      let (tree, divergence) = edited(base, seed: seed + UInt64(round), count: 1 << (round % 7))
      let whole = try NamedInodes(tree, base: names).facts
      var facts = names.facts
      guard let touched = facts.follow(divergence, from: base, to: tree) else { continue }
      followed += 1
      let isTouched = Set(touched)
      for id in Set(base.ids + tree.ids) {
        #expect(facts.links(of: id) == whole.links(of: id), "seed \(seed) round \(round) inode \(id.number)")
        #expect(facts.type(of: id) == whole.type(of: id), "seed \(seed) round \(round) inode \(id.number)")
        if whole.type(of: id) == .directory, whole.links(of: id) > 0 {
          #expect(facts[id].parent == whole[id].parent, "seed \(seed) round \(round) inode \(id.number)")
        }
        if !isTouched.contains(id) {
          #expect(whole.links(of: id) == names.facts.links(of: id), "seed \(seed) round \(round) inode \(id.number)")
          #expect(whole.number(of: id) == names.facts.number(of: id), "seed \(seed) round \(round) inode \(id.number)")
        }
      }
    }
    #expect(followed > Fuzzing.rounds(60) / 2, "most edits are by path, and need no walk")
  }

  @Test func `what hangs together otherwise needs a walk`() throws {
    var base = WriterSharedTests.base.withLostAndFound(time: someTime)
    base.add("inner", .folder(), in: base.add("outer", .folder()))
    base.indexNames()
    let names = try NamedInodes(base)
    func follow(_ edit: (inout FileTree) throws -> Void) throws -> [InodeID]? {
      var tree = base
      try edit(&tree)
      var facts = names.facts
      return facts.follow(Divergence(from: base, to: tree), from: base, to: tree)
    }
    let outer = try #require(base.find("outer"))
    let inner = try #require(base.find("outer/inner"))
    // A folder that lost its name, and nothing else.
    #expect(try follow { $0[outer]?.body = .directory(Directory()) } == nil)
    // A second name for a folder.
    #expect(try follow { $0.link("again", to: inner) } == nil)
    // A file that becomes a folder where it is.
    let file = try #require(base.find("content-3"))
    #expect(try follow { $0[file]?.body = .directory(Directory()) } == nil)
    // A name that leads nowhere.
    #expect(try follow { $0[file] = nil } == nil)
    #expect(try follow { $0.link("nowhere", to: InodeID(99_999)) } == nil)
    // By path, all is well.
    #expect(try follow { try $0.remove("outer") } != nil)
  }
}
