import Bytes

/// The entries of a directory, sorted by the bytes of their names; `.` and `..` are not among them.
///
/// All names lie in one block of bytes: a directory of thousands costs two allocations.
package struct Directory: Sendable {
  private var names: [UInt8] = []
  private var entries: [Entry] = []
  /// The accesses that somebody observes; nil in a directory that was read with all its inodes.
  private var observation: Observation?

  /// Indirect, so that all other directories have room for a pointer only.
  private indirect enum Observation: Sendable {
    /// Accesses to the entries of the directory of this number, which were not read.
    case entries(of: InodeID, any ReadObserver)
    /// Accesses to inodes that the entries name.
    case inodes(any ReadObserver)
  }

  private struct Entry: Hashable, Sendable {
    var start: UInt32
    var count: UInt8
    var id: InodeID

    var range: Range<Int> { Int(start)..<Int(start) + Int(count) }
  }

  /// A directory without entries.
  package init() {}

  /// The directory `id`, whose entries were not read: it seems empty, and each access to its entries is told to `observer`.
  package init(unread id: InodeID, observedBy observer: any ReadObserver) { observation = .entries(of: id, observer) }

  /// This directory, some of whose inodes were not read: each access to an entry's inode is told to `observer`.
  package func namingUnread(observedBy observer: any ReadObserver) -> Directory {
    var directory = self
    directory.observation = .inodes(observer)
    return directory
  }

  /// The number of entries.
  package var count: Int { endIndex }

  /// Adds an entry at the end, in any order; `sort` must follow before anything else is asked.
  ///
  /// The caller has checked that `name` can be a name.
  package mutating func appendUnsorted(_ name: Span<UInt8>, _ id: InodeID) {
    entries.append(Entry(start: UInt32(names.count), count: UInt8(name.count), id: id))
    for index in name.indices { names.append(name[index]) }
  }

  /// Sorts the entries.
  ///
  /// - Returns: a name that occurs twice, if there is one: such a directory is corrupt.
  package mutating func sort() -> Name? {
    // By plain memory: a slice of an array counts a reference for each comparison.
    let twice = unsafe names.withUnsafeBufferPointer { names in
      entries.sort { unsafe Directory.order(names, $0.range, $1.range) < 0 }
      return entries.indices.dropFirst().first {
        unsafe Directory.order(names, entries[$0 - 1].range, entries[$0].range) == 0
      }
    }
    return twice.flatMap { Name(names[entries[$0].range]) }
  }

  /// As `order` of two parts of `names`.
  private static func order(_ names: UnsafeBufferPointer<UInt8>, _ left: Range<Int>, _ right: Range<Int>) -> Int {
    let count = Swift.min(left.count, right.count)
    for step in 0..<count {
      let difference = unsafe Int(names[left.lowerBound + step]) - Int(names[right.lowerBound + step])
      if difference != 0 { return difference }
    }
    return left.count - right.count
  }

  /// The inode called `name`; nil if there is none. Set nil to remove the entry.
  package subscript(name: Name) -> InodeID? {
    get {
      let (index, found) = position(of: name)
      return found ? id(at: index) : nil
    }
    set {
      let (index, found) = position(of: name)
      switch (found, newValue) {
      case (true, let id?): entries[index].id = id
      case (true, nil): entries.remove(at: index)
      case (false, let id?):
        let entry = Entry(start: UInt32(names.count), count: UInt8(name.bytes.count), id: id)
        names.append(contentsOf: name.bytes)
        entries.insert(entry, at: index)
      case (false, nil): break
      }
    }
  }

  /// Whether both have the same names, each leading to the same inode.
  package func isSame(as other: Directory) -> Bool {
    if entries == other.entries && names == other.names { return true }
    return count == other.count
      && indices.allSatisfy { id(at: $0) == other.id(at: $0) && name(at: $0) == other.name(at: $0) }
  }

  /// The bytes of the name at `index`.
  package func name(at index: Int) -> ArraySlice<UInt8> { names[entries[index].range] }

  /// The inode of the entry at `index`.
  package func id(at index: Int) -> InodeID {
    if case .inodes(let observer)? = observation { observer.lookedUp(inode: entries[index].id) }
    return entries[index].id
  }

  private func reportLookup() {
    if case .entries(let id, let observer)? = observation { observer.lookedUp(entriesOf: id) }
  }

  private func position(of name: Name) -> (index: Int, found: Bool) {
    reportLookup()
    let bytes = name.bytes[...]
    let index = entries.partitioningIndex { Directory.order(names[$0.range], bytes) >= 0 }
    return (index, index < entries.count && names[entries[index].range] == bytes)
  }

  /// Below zero, zero or above it as `left` comes before, is, or comes after `right`.
  private static func order(_ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>) -> Int {
    let count = Swift.min(left.count, right.count)
    for step in 0..<count {
      let difference = Int(left[left.startIndex + step]) - Int(right[right.startIndex + step])
      if difference != 0 { return difference }
    }
    return left.count - right.count
  }
}

extension Directory: RandomAccessCollection {
  package var startIndex: Int { 0 }

  package var endIndex: Int {
    reportLookup()
    return entries.count
  }

  /// The name and inode of the entry at `index`.
  package subscript(index: Int) -> (name: Name, id: InodeID) {
    guard let name = Name(name(at: index)) else { preconditionFailure("whatever adds an entry has checked its name") }
    return (name, id(at: index))
  }
}
