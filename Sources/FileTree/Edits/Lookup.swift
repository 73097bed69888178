extension FileTree {
  /// The inode at `path`; nil if there is none.
  ///
  /// Symbolic links on the way are followed inside the tree, as the booted system would: `lib/systemd` is found where
  /// `lib` links to `usr/lib`. The last name's own link is followed only with `followingLast`.
  package func find(_ path: TreePath, followingLast: Bool = true) -> InodeID? {
    guard let real = try? resolve(path, followingLast: followingLast) else { return nil }
    return idWithoutLinks(at: real)
  }

  /// The inode at `path`; nil if there is none. Follows links as `find` does.
  package func inode(at path: TreePath, followingLast: Bool = true) -> Inode? {
    find(path, followingLast: followingLast).flatMap { self[$0] }
  }

  /// `path` with every symbolic link on the way replaced by what it points to. The last name need not exist.
  ///
  /// - Throws: `TreeError` if links run in a circle, or a name on the way is not a directory.
  package func resolve(_ path: TreePath, followingLast: Bool = true) throws(TreeError) -> TreePath {
    try resolve(path.names.map(\.bytes), of: path, followingLast: followingLast)
  }

  /// Where a symbolic link in `folder` with this target leads, as `resolve` tells it; the target may hold `.` and `..`.
  ///
  /// - Throws: as for a path.
  package func resolve(
    target: [UInt8], in folder: TreePath, followingLast: Bool = true
  ) throws(TreeError) -> TreePath {
    let parts = target.split(separator: 0x2F).map(Array.init)
    let start = target.first == 0x2F ? [] : folder.names.map(\.bytes)
    return try resolve(start + parts, of: folder, followingLast: followingLast)
  }

  /// Follows `parts` from the root; `path` is what errors name.
  private func resolve(_ parts: [[UInt8]], of path: TreePath, followingLast: Bool) throws(TreeError) -> TreePath {
    var rest = parts[...]
    var done: [Name] = []
    var here = [root]
    var links = 0
    while let part = rest.popFirst() {
      if part == [0x2E, 0x2E] {
        // The root's parent is the root.
        if !done.isEmpty { done.removeLast(); here.removeLast() }
        continue
      }
      guard let name = Name(part) else { continue }
      guard let directory = here.last.flatMap({ directory($0) }) else { throw .notDirectory(TreePath(done)) }
      guard let id = directory[name] else {
        done.append(name)
        // Nothing beneath a name that is not there can be a link.
        for part in rest { if let name = Name(part) { done.append(name) } }
        return TreePath(done)
      }
      if case .symlink(let target)? = self[id]?.body, !rest.isEmpty || followingLast {
        links += 1
        // What Linux allows (MAXSYMLINKS, fs/namei.c).
        guard links <= 40 else { throw .tooManyLinks(path) }
        if target.first == 0x2F { done = []; here = [root] }
        rest = (target.split(separator: 0x2F).map(Array.init) + Array(rest))[...]
      } else {
        done.append(name)
        here.append(id)
      }
    }
    return TreePath(done)
  }

  /// The inode at a path that has no links in it.
  func idWithoutLinks(at path: TreePath) -> InodeID? {
    var here = root
    for name in path.names {
      guard let id = directory(here)?[name] else { return nil }
      here = id
    }
    return here
  }
}
