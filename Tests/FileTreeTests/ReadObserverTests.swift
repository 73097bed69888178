import Synchronization
import Testing

@testable import FileTree

/// What was looked up, in order.
private final class Lookups: ReadObserver {
  private let texts = Mutex<[String]>([])

  /// The lookups since this was last called.
  func take() -> [String] { texts.withLock { exchange(&$0, with: []) } }

  func lookedUp(entriesOf id: InodeID) { texts.withLock { $0.append("entries of \(id.number)") } }
  func lookedUp(inode id: InodeID) { texts.withLock { $0.append("inode \(id.number)") } }
}

@Suite struct ReadObserverTests {
  private let name: Name

  init() throws { name = try #require(Name(Array("a".utf8))) }

  @Test func `the observer of a directory without its entries learns that they were wanted`() {
    let lookups = Lookups()
    let directory = Directory(unread: InodeID(5), observedBy: lookups)
    #expect(lookups.take() == [])
    #expect(directory[name] == nil)
    #expect(lookups.take() == ["entries of 5"])
    #expect(directory.isEmpty)
    #expect(Set(lookups.take()) == ["entries of 5"])
  }

  @Test func `the observer of a directory without its inodes learns which were found`() throws {
    let lookups = Lookups()
    var plain = Directory()
    plain[name] = InodeID(7)
    plain[try #require(Name(Array("b".utf8)))] = InodeID(8)
    let directory = plain.namingUnread(observedBy: lookups)
    #expect(directory.count == 2 && directory.name(at: 0).elementsEqual("a".utf8))
    #expect(lookups.take() == [])
    #expect(directory[name] == InodeID(7))
    #expect(lookups.take() == ["inode 7"])
    #expect(directory.map(\.id) == [InodeID(7), InodeID(8)])
    #expect(lookups.take() == ["inode 7", "inode 8"])
    // The directory that it was made from has no observer.
    #expect(plain[name] == InodeID(7))
    #expect(lookups.take() == [])
  }

  @Test func `an observer costs other directories one pointer`() {
    #expect(MemoryLayout<Directory>.size == 3 * MemoryLayout<Int>.size)
  }
}
