/// Some places of a tree as a tree of their own: each under the path by which it was asked for, folders with all that
/// they hold, and the folders above them with nothing else.
package struct TreeSelection: Sendable {
  /// The selected places, and the folders that lead there.
  package private(set) var tree: FileTree
  /// The folders that were not selected themselves, and hold only what leads to something that was.
  package private(set) var partial: Set<InodeID>

  private let whole: FileTree

  /// The places `matches` of `tree`.
  ///
  /// - Throws: `TreeError` if two of them cannot stand beside each other.
  package init(_ matches: [PathMatch], of tree: FileTree) throws(TreeError) {
    whole = tree
    self.tree = tree
    partial = [tree.root]
    self.tree[tree.root]?.body = .directory(Directory())
    // From the top down: what a selected folder holds is then known to be there.
    for match in matches.sorted(by: { $0.path.names.count < $1.path.names.count }) { try add(match.path, match.id) }
  }

  private mutating func add(_ path: TreePath, _ id: InodeID) throws(TreeError) {
    guard let last = path.names.last else {
      tree = whole
      partial = []
      return
    }
    var here = tree.root
    for (depth, name) in path.names.dropLast().enumerated() {
      // A selected folder holds all that is beneath it.
      guard partial.contains(here), var directory = tree.directory(here) else { return }
      if let next = directory[name] {
        // A link that was selected itself stays a link; what it leads to is selected under its real path.
        guard tree.isDirectory(next) else { return try add(real(path), id) }
        here = next
        continue
      }
      guard let source = whole.find(TreePath(Array(path.names[...depth]))), var inode = whole[source] else {
        throw .missing(path)
      }
      inode.body = .directory(Directory())
      let folder = tree.add(inode)
      partial.insert(folder)
      directory[name] = folder
      tree[here]?.body = .directory(directory)
      here = folder
    }
    guard partial.contains(here), var directory = tree.directory(here) else { return }
    if let there = directory[last], !partial.contains(there) { return }
    directory[last] = id
    tree[here]?.body = .directory(directory)
  }

  /// `path` with the links on the way replaced, but not the last name's own.
  private func real(_ path: TreePath) throws(TreeError) -> TreePath {
    let real = try whole.resolve(path, followingLast: false)
    guard real != path else { throw .notDirectory(path.parent) }
    return real
  }
}
