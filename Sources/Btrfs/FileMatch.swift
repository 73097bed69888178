import FileTree

/// Which files of a parent go on to be files of its snapshot: at most one old file for each new one, with at least one
/// path in common.
///
/// A name whose file goes on as another's must be made anew: so the names of one file, its hard links, stay together,
/// and those that leave it leave alone.
struct FileMatch {
  /// The old file that a new one goes on from, by the new one's number.
  private(set) var oldOf: [InodeID: InodeID] = [:]
  /// A path that a new file of several names has, and its old file had.
  private(set) var paths: [InodeID: [UInt8]] = [:]
  private var taken: Set<InodeID> = []
  private var candidates: [Candidate] = []

  private struct Candidate {
    let old: InodeID
    let new: InodeID
    let path: [UInt8]
    let isSame: Bool
  }

  /// Takes in that both files are at `path`; files of one name each match, others wait for `decide`.
  mutating func add(_ old: InodeID, _ new: InodeID, at path: [UInt8], areSingle: Bool, isSame: Bool) {
    guard areSingle else {
      candidates.append(Candidate(old: old, new: new, path: path, isSame: isSame))
      return
    }
    oldOf[new] = old
    taken.insert(old)
  }

  /// Matches files of several names, those that are alike first.
  mutating func decide() {
    for areAlike in [true, false] {
      for candidate in candidates where candidate.isSame == areAlike {
        guard oldOf[candidate.new] == nil, taken.insert(candidate.old).inserted else { continue }
        oldOf[candidate.new] = candidate.old
        paths[candidate.new] = candidate.path
      }
    }
    candidates = []
  }
}

extension Inode.Body {
  /// Whether a file with this body can be made one with `other` without a new inode.
  func canBecome(_ other: Inode.Body) -> Bool {
    switch (self, other) {
    case (.file, .file), (.fifo, .fifo), (.socket, .socket): true
    case (.symlink(let left), .symlink(let right)): left == right
    case (.characterDevice(let left), .characterDevice(let right)): left == right
    case (.blockDevice(let left), .blockDevice(let right)): left == right
    default: false
    }
  }
}
