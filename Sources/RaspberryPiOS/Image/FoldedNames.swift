import FileTree

extension FileTree {
  /// `path` as this tree spells it: FAT takes names that differ in case only for the same. What is not there stays as
  /// given.
  func pathIgnoringCase(_ path: TreePath) -> TreePath {
    guard flavor == .fat else { return path }
    var names: [Name] = []
    for name in path.names {
      let parent = self.names(in: TreePath(names))
      let folded = name.bytes.fatUppercase
      names.append(parent.contains(name) ? name : parent.first { $0.bytes.fatUppercase == folded } ?? name)
    }
    return TreePath(names)
  }
}
