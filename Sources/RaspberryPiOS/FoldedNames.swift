import FileTree

extension FileTree {
  /// `path` as this tree spells it: FAT takes names that differ in case only for the same. What is not there stays as
  /// given.
  func pathIgnoringCase(_ path: TreePath) -> TreePath {
    guard flavor == .fat else { return path }
    var names: [Name] = []
    for name in path.names {
      let parent = self.names(in: TreePath(names))
      let folded = name.asciiLowercase
      names.append(parent.contains(name) ? name : parent.first { $0.asciiLowercase == folded } ?? name)
    }
    return TreePath(names)
  }
}

extension Name {
  fileprivate var asciiLowercase: [UInt8] {
    bytes.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
  }
}
