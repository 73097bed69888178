/// A walk over a tree's names in the order of their whole paths' bytes, without holding more than one path.
///
/// In that order `/a-b` stands between the folder `/a` and what it holds, `/a/b`: so a folder and its content are two
/// stops of the walk through the folder above.
package struct TreeWalk: Sequence, IteratorProtocol {
  /// One name of the tree.
  package struct Entry {
    /// The path's bytes; `/` alone for the root.
    package let path: [UInt8]
    package let id: InodeID
  }

  private let tree: FileTree
  private var path: [UInt8] = []
  private var levels: [Level] = []
  private var started = false

  /// What is left to visit of one folder.
  private struct Level {
    let directory: Directory
    /// Where the folder's own path ends.
    let length: Int
    var stops: [Stop]
    var next = 0
  }

  /// An entry's own line, or its content.
  private struct Stop {
    let index: Int
    let descends: Bool
  }

  /// A walk from the root of `tree`.
  package init(_ tree: FileTree) { self.tree = tree }

  package mutating func next() -> Entry? {
    guard started else {
      started = true
      if let directory = tree.directory(tree.root) { enter(directory) }
      return Entry(path: [0x2F], id: tree.root)
    }
    while let depth = levels.indices.last {
      guard levels[depth].next < levels[depth].stops.count else {
        levels.removeLast()
        continue
      }
      let stop = levels[depth].stops[levels[depth].next]
      levels[depth].next += 1
      path.removeSubrange(levels[depth].length...)
      path.append(0x2F)
      path.append(contentsOf: levels[depth].directory.name(at: stop.index))
      let id = levels[depth].directory.id(at: stop.index)
      guard stop.descends else { return Entry(path: path, id: id) }
      if let directory = tree.directory(id) { enter(directory) }
    }
    return nil
  }

  private mutating func enter(_ directory: Directory) {
    // Entries are sorted by name already; a folder's content waits until every name has passed that sorts before the
    // folder's own followed by a slash: those that go on after it with a byte below `/`.
    var stops: [Stop] = []
    stops.reserveCapacity(directory.count)
    var waiting: [Int] = []
    for index in directory.indices {
      let name = directory.name(at: index)
      while let last = waiting.last, !contentFollows(name, content: directory.name(at: last)) {
        stops.append(Stop(index: last, descends: true))
        waiting.removeLast()
      }
      stops.append(Stop(index: index, descends: false))
      if tree.isDirectory(directory.id(at: index)) { waiting.append(index) }
    }
    while let last = waiting.popLast() { stops.append(Stop(index: last, descends: true)) }
    levels.append(Level(directory: directory, length: path.count, stops: stops))
  }

  /// Whether the content of the folder called `folder` comes after `name`, which itself comes after `folder`.
  private func contentFollows(_ name: ArraySlice<UInt8>, content folder: ArraySlice<UInt8>) -> Bool {
    name.starts(with: folder) && name[name.startIndex + folder.count] < 0x2F
  }
}
