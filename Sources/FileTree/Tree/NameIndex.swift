/// Which directories name each inode: what directories say, the other way round.
struct NameIndex: Sendable {
  /// A directory that names the inode, by the inode's number.
  private var first = InodeMap<InodeID?>(absent: nil)
  /// Those of the further names of inodes that have several, one for each name.
  private var further: [InodeID: [InodeID]] = [:]

  /// The index of the directories of `tree`, each called with its number by `visit`; inodes have numbers below `end`.
  init(end: Int, _ visit: ((InodeID, Directory) -> Void) -> Void) {
    var first = InodeMap<InodeID?>(absent: nil)
    var further: [InodeID: [InodeID]] = [:]
    visit { holder, directory in
      for index in directory.indices {
        let id = directory.id(at: index)
        guard Int(id.number) < end else { continue }
        if first[id] == nil {
          first[id] = holder
        } else {
          further[id, default: []].append(holder)
        }
      }
    }
    self.first = first
    self.further = further
  }

  /// The directory that names the directory `id`; nil for the root, and for what has no name.
  func parent(of id: InodeID) -> InodeID? { first[id] }

  /// The directories that name `id`, one of several names once for each of them.
  func directories(naming id: InodeID) -> [InodeID] {
    guard let parent = parent(of: id) else { return [] }
    return [parent] + (further[id] ?? [])
  }
}
