import FileTree

/// What `systemctl --root disable` does to a tree for one unit: every link in /etc/systemd/system that leads to it goes,
/// and so do those that lead to what it is an alias of and to what `Also=` names.
struct UnitDisabling {
  private(set) var tree: FileTree
  /// Why nothing could be done; nil if links were removed, or there were none to remove.
  private(set) var problem: UnitProblem?

  /// The names of the units to which no link may lead.
  private var marked: Set<UnitName> = []

  /// Disables `name` in a copy of `tree`.
  init(_ name: UnitName, in tree: FileTree) {
    self.tree = tree
    do throws(UnitProblem) {
      let missing = try mark(name)
      let links = linksToMarked()
      for link in links { try remove(link) }
      if links.isEmpty { problem = missing }
    } catch {
      problem = error
    }
  }

  /// Marks the unit and those that belong to it, but none that is masked: a mask is a link too.
  ///
  /// - Returns: what is wrong if the unit is not there; links to it can be there all the same.
  private mutating func mark(_ name: UnitName) throws(UnitProblem) -> UnitProblem? {
    var units = UnitSet(UnitFiles(folders: tree.unitSearchPath()))
    try units.add(name)
    var missing: UnitProblem?
    var next = 0
    while next < units.order.count {
      let unit = units.order[next]
      next += 1
      do throws(UnitProblem) {
        try units.follow(unit, followsOwn: true, in: tree)
      } catch {
        // A unit that cannot be read has links by its name.
        marked.insert(unit)
        if error.kind == .missing, unit == name { missing = error }
        continue
      }
      guard let file = units.found[unit], case .regular = file.state else { continue }
      marked.insert(unit)
    }
    return missing
  }

  /// The links that have a marked name, are instances of one, or lead to one, over other links too.
  private func linksToMarked() -> [TreePath] {
    var links: [TreePath] = []
    var folders = [FileTree.administratorUnits]
    while let folder = folders.popLast() {
      for name in tree.names(in: folder) {
        let path = folder.appending(name)
        switch tree.inode(at: path, followingLast: false)?.body {
        case .directory?: folders.append(path)
        case .symlink? where isMarked(path): links.append(path)
        default: break
        }
      }
    }
    return links
  }

  private func isMarked(_ path: TreePath) -> Bool {
    guard let link = path.unitName else { return false }
    if marked.contains(link) { return true }
    if let template = link.template, marked.contains(template) { return true }
    var here = path
    // What Linux allows (MAXSYMLINKS, fs/namei.c).
    for _ in 0..<40 {
      guard case .symlink(let target)? = tree.inode(at: here, followingLast: false)?.body,
        let next = try? tree.resolve(target: target, in: here.parent, followingLast: false)
      else { return false }
      if let unit = next.unitName, marked.contains(unit) { return true }
      here = next
    }
    return false
  }

  /// Removes the link, and the folders above it that are empty then.
  private mutating func remove(_ link: TreePath) throws(UnitProblem) {
    do throws(RaspberryPiOSError) {
      try tree.removeIfPresent(link)
      var folder = link.parent
      while folder != FileTree.administratorUnits, tree.names(in: folder).isEmpty {
        try tree.removeIfPresent(folder)
        folder = folder.parent
      }
    } catch { throw UnitProblem(error) }
  }
}
