import FileTree
import Storage

/// The steps that make one part of a snapshot out of the parent's: only what differs is touched.
struct PartUpdate {
  private(set) var operations: [Operation] = []
  private let old: Subvolume.Part
  private let new: Subvolume.Part
  private let oldSeveral: [InodeID: UInt32]
  private let newSeveral: [InodeID: UInt32]
  private let divergence: Divergence
  /// Where the walk through both trees stopped, in its order.
  private let visits: [(stop: MergeWalk.Stop, path: [UInt8])]
  private var contents: ParentContents
  private var match = FileMatch()
  /// Where the new files of several names that are there already can be linked from.
  private var firstPaths: [InodeID: [UInt8]] = [:]
  /// Files of several names that have been changed in place.
  private var updated: Set<InodeID> = []
  /// For each directory that the walk is in: whether an entry came or went, and whether new entries inherit an ACL.
  private var levels: [(isTouched: Bool, entriesInheritACL: Bool)] = []

  /// The steps from `old` to `new`, which have the same folder.
  init(from old: Subvolume.Part, to new: Subvolume.Part, comparison: ContentComparison) throws(BtrfsError) {
    self.old = old
    self.new = new
    oldSeveral = old.tree.filesOfSeveralNames()
    newSeveral = new.tree.filesOfSeveralNames()
    divergence = Divergence(from: old.tree, to: new.tree)
    let walk = MergeWalk(old.tree, new.tree, divergence: divergence, at: new.folder.bytes)
    let (oldSeveral, newSeveral) = (self.oldSeveral, self.newSeveral)
    let visits = divergence.visits(walk) { oldID, newID in
      oldID == newID && oldSeveral[oldID] == nil && newSeveral[newID] == nil
        && old.inode(oldID)?.isStored(as: new.inode(newID)) ?? false
    }
    self.visits = visits
    contents = try BtrfsError.wrapping { () throws(IOError) in
      try ParentContents(old, new: new.tree, stops: visits.map(\.stop), comparison: comparison)
    }
    findMatches()
    try emit()
  }

  private mutating func findMatches() {
    for (stop, path) in visits {
      guard case .both(let oldID, let newID) = stop, let before = old.inode(oldID), let after = new.inode(newID),
        before.body.canBecome(after.body)
      else { continue }
      match.add(
        oldID, newID, at: path, areSingle: oldSeveral[oldID] == nil && newSeveral[newID] == nil,
        isSame: isSame(oldID, before, newID, after))
    }
    match.decide()
  }

  private mutating func emit() throws(BtrfsError) {
    for (stop, path) in visits {
      switch stop {
      case .enter(let oldID, _):
        levels.append((false, old.inode(oldID)?.attribute("system.posix_acl_default") != nil))
      case .leave(let oldID, let newID):
        let isTouched = levels.removeLast().isTouched
        try updateDirectory(oldID, newID, at: path, isTouched: isTouched)
      case .both(let oldID, let newID):
        if match.oldOf[newID] == oldID {
          try updateFile(oldID, newID, at: path)
        } else {
          remove(oldID, at: path)
          try create(newID, at: path)
        }
      case .removed(let oldID): remove(oldID, at: path)
      case .added(let newID): try create(newID, at: path)
      }
    }
  }

  private func isSame(_ oldID: InodeID, _ before: Inode, _ newID: InodeID, _ after: Inode) -> Bool {
    if oldID == newID && !divergence.contains(newID) { return true }
    return before.hasMetadata(of: after) && hasSameContent(oldID, before, newID, after)
  }

  private func hasSameContent(_ oldID: InodeID, _ before: Inode, _ newID: InodeID, _ after: Inode) -> Bool {
    guard case .file(let left) = before.body, case .file(let right) = after.body else {
      return before.body.canBecome(after.body)
    }
    return contents.isSame(oldID, left, newID, right)
  }

  private mutating func updateDirectory(
    _ oldID: InodeID, _ newID: InodeID, at path: [UInt8], isTouched: Bool
  ) throws(BtrfsError) {
    guard isTouched || oldID != newID || divergence.contains(newID),
      let before = old.inode(oldID), let after = new.inode(newID), isTouched || !before.hasMetadata(of: after)
    else { return }
    try Limits.check(after, at: path)
    operations.update(before, to: after, at: path, wasWritten: false)
  }

  /// Changes in place a file that goes on: all its names show it.
  private mutating func updateFile(_ oldID: InodeID, _ newID: InodeID, at path: [UInt8]) throws(BtrfsError) {
    guard let before = old.inode(oldID), let after = new.inode(newID), !isSame(oldID, before, newID, after) else {
      return
    }
    if newSeveral[newID] != nil && !updated.insert(newID).inserted { return }
    try Limits.check(after, at: path)
    var wasWritten = false
    if case .file(let content) = after.body, !hasSameContent(oldID, before, newID, after) {
      wasWritten = true
      if case .file(let gone) = before.body, gone.size > 0 { operations.append(.truncate(path, size: 0)) }
      fill(path, with: content, of: newID)
    }
    operations.update(before, to: after, at: path, wasWritten: wasWritten)
  }

  private mutating func fill(_ path: [UInt8], with content: FileContent, of id: InodeID) {
    if let source = contents.path(of: content, id: id) {
      operations.append(.clone(path, source: source, count: content.size))
    } else {
      operations.fill(path, with: content)
    }
  }

  private mutating func touch() -> Bool {
    guard let last = levels.indices.last else { return false }
    levels[last].isTouched = true
    return levels[last].entriesInheritACL
  }
}

// What comes and what goes, with all beneath it.
extension PartUpdate {
  private mutating func remove(_ id: InodeID, at path: [UInt8]) {
    _ = touch()
    var work: [(path: [UInt8], id: InodeID, isEmpty: Bool)] = [(path, id, false)]
    while let (path, id, isEmpty) = work.popLast() {
      guard let directory = old.tree.directory(id) else {
        operations.append(.unlink(path))
        continue
      }
      if isEmpty {
        operations.append(.removeDirectory(path))
        continue
      }
      work.append((path, id, true))
      for index in directory.indices.reversed() {
        work.append((path + [0x2F] + directory.name(at: index), directory.id(at: index), false))
      }
    }
  }

  private mutating func create(_ id: InodeID, at path: [UInt8]) throws(BtrfsError) {
    let inherits = touch()
    var work: [(path: [UInt8], id: InodeID, isFilled: Bool)] = [(path, id, false)]
    while let (path, next, isFilled) = work.popLast() {
      guard let inode = new.inode(next) else { continue }
      if isFilled {
        operations.finish(inode, at: path)
        continue
      }
      try Limits.check(inode, at: path)
      if let existing = match.paths[next] ?? firstPaths[next] {
        operations.append(.link(path, existing: existing))
        continue
      }
      make(inode, next, at: path)
      if inherits && next == id { operations.disinherit(inode, at: path) }
      if case .directory(let directory) = inode.body {
        work.append((path, next, true))
        for index in directory.indices.reversed() {
          work.append((path + [0x2F] + directory.name(at: index), directory.id(at: index), false))
        }
      } else {
        operations.finish(inode, at: path)
        if newSeveral[next] != nil { firstPaths[next] = path }
      }
    }
  }

  private mutating func make(_ inode: Inode, _ id: InodeID, at path: [UInt8]) {
    guard case .file(let content) = inode.body else { return operations.make(inode, at: path) }
    operations.append(.makeFile(path))
    fill(path, with: content, of: id)
  }
}

extension Divergence {
  /// The stops of `walk` without files that are `settled`, old and new, and without directories that are the same in both trees
  /// and in which there is no stop. Paths are copied at their own length: the walk's array has room for the longest.
  fileprivate func visits(
    _ walk: MergeWalk, settled: (InodeID, InodeID) -> Bool
  ) -> [(stop: MergeWalk.Stop, path: [UInt8])] {
    var walk = walk
    var visits: [(stop: MergeWalk.Stop, path: [UInt8])] = []
    while let stop = walk.next() {
      switch stop {
      case .both(let oldID, let newID) where settled(oldID, newID): break
      case .leave(let oldID, let newID):
        if oldID == newID, !contains(newID), case .enter? = visits.last?.stop {
          visits.removeLast()
        } else {
          visits.append((stop, [] + walk.path))
        }
      default: visits.append((stop, [] + walk.path))
      }
    }
    return visits
  }
}

extension [Operation] {
  /// Appends what makes the metadata `before` those of `after`. Writing has cleared capabilities, a new owner clears
  /// set-user-id too, and permissions change an ACL's mask: what is set again follows what undid it.
  fileprivate mutating func update(_ before: Inode, to after: Inode, at path: [UInt8], wasWritten: Bool) {
    let gone = before.xattrs.filter { old in !after.xattrs.contains { $0.name == old.name } }
    for attribute in gone { append(.removeAttribute(path, name: attribute.name)) }
    let isOwnerNew = wasWritten || before.uid != after.uid || before.gid != after.gid
    if isOwnerNew { append(.setOwner(path, uid: after.uid, gid: after.gid)) }
    let isModeNew = isOwnerNew || before.mode != after.mode || !gone.isEmpty
    if isModeNew && !after.isSymlink { append(.setMode(path, after.mode)) }
    for attribute in after.xattrs where isModeNew || !before.xattrs.contains(attribute) {
      append(.setAttribute(path, attribute))
    }
    append(.setTimes(path, accessed: after.accessed, modified: after.modified, changed: after.changed))
  }

  /// Appends what takes from something new the ACLs that its directory's default ACL gave it.
  fileprivate mutating func disinherit(_ inode: Inode, at path: [UInt8]) {
    if inode.isSymlink { return }
    append(.removeAttribute(path, name: [UInt8]("system.posix_acl_access".utf8)))
    if inode.body.isDirectory { append(.removeAttribute(path, name: [UInt8]("system.posix_acl_default".utf8))) }
  }
}

extension Inode {
  /// Whether a stream would describe both inodes alike, as far as that is known without reading contents.
  fileprivate func isStored(as other: Inode?) -> Bool {
    guard let other, hasMetadata(of: other) else { return false }
    if case .file(let left) = body, case .file(let right) = other.body { return left.isSameStorage(as: right) }
    return body.canBecome(other.body)
  }

  /// Whether a stream would describe both inodes alike apart from body and entries: a stream carries no flags, and the receiver
  /// sets the times of creation and inode change.
  fileprivate func hasMetadata(of other: Inode) -> Bool {
    mode == other.mode && uid == other.uid && gid == other.gid && modified == other.modified
      && accessed == other.accessed && xattrs == other.xattrs
  }
}
