import Bytes
import FileTree
import Storage

/// Which contents of two trees have the same bytes, found out with as little reading as can prove it.
///
/// Files at one path are compared byte for byte where their sizes agree, which costs no digests. Digests are computed
/// only of new files that are at no such path, and of the old files that have the size of one of those: what could have
/// moved. Nothing is taken for equal because its times are: that would be a guess.
struct ByteComparison {
  private struct Pair: Hashable {
    let old: InodeID
    let new: InodeID
  }

  private var equal: Set<Pair> = []
  /// For new files that hold what an old one at one of their paths does: that old one.
  private var partners: [InodeID: InodeID] = [:]
  /// Digests of new files that were not found at their own path, by their numbers.
  private var digests: [InodeID: SHA256Digest] = [:]
  /// Old files that could be one of those.
  private var moved: [SHA256Digest: InodeID] = [:]

  /// Compares what both trees hold where they meet at `stops`, and looks for those of at least `threshold` bytes that `new`
  /// has elsewhere.
  init(_ old: FileTree, _ new: FileTree, stops: [MergeWalk.Stop], threshold: Int) throws(IOError) {
    var pairs: Set<Pair> = []
    for stop in stops {
      guard case .both(let oldID, let newID) = stop, let before = old.content(oldID), let after = new.content(newID),
        before.size == after.size, !before.isSameStorage(as: after)
      else { continue }
      pairs.insert(Pair(old: oldID, new: newID))
    }
    equal = try Self.equal(among: pairs, old, new)

    for pair in equal { partners[pair.new] = min(pair.old, partners[pair.new] ?? pair.old) }
    let wanted = new.ids.filter { id in
      guard let content = new.content(id), content.size >= threshold, partners[id] == nil else { return false }
      return !(old.content(id).map { $0.isSameStorage(as: content) } ?? false)
    }
    let sizes = Set(wanted.compactMap { new.content($0)?.size })
    let candidates = old.ids.filter { id in old.content(id).map { sizes.contains($0.size) } ?? false }
    let oldSizes = Set(candidates.compactMap { old.content($0)?.size })
    let found = wanted.filter { id in new.content(id).map { oldSizes.contains($0.size) } ?? false }
    digests = try Self.digests(of: found, in: new)
    for (id, digest) in try Self.digests(of: candidates, in: old).sorted(by: { $0.key < $1.key })
    where moved[digest] == nil {
      moved[digest] = id
    }
  }

  /// Whether the old file and the new one, which are at one path, hold the same.
  func isSame(_ old: InodeID, _ new: InodeID) -> Bool { equal.contains(Pair(old: old, new: new)) }

  /// An old file that holds what the new file `id` does; nil if none does.
  func source(of id: InodeID) -> InodeID? { partners[id] ?? digests[id].flatMap { moved[$0] } }

  private static func equal(
    among pairs: Set<Pair>, _ old: FileTree, _ new: FileTree
  ) throws(IOError) -> Set<Pair> {
    // As the new ones lie on their disk: the old ones will not lie very differently on theirs.
    let list = pairs.map { (pair: $0, place: new.content($0.new)?.start ?? 0) }
      .sorted { ($0.place, $0.pair.new, $0.pair.old) < ($1.place, $1.pair.new, $1.pair.old) }
    let same = try parallelMap(list.count, batch: 64) { (index) throws(IOError) in
      let pair = list[index].pair
      guard let before = old.content(pair.old), let after = new.content(pair.new) else { return false }
      return try before.hasSameBytes(as: after)
    }
    return Set(zip(list, same).filter(\.1).map(\.0.pair))
  }

  private static func digests(of ids: [InodeID], in tree: FileTree) throws(IOError) -> [InodeID: SHA256Digest] {
    let found = try parallelMap(ids.count, batch: 16) { (index) throws(IOError) in
      try tree.content(ids[index])?.digest()
    }
    var digests: [InodeID: SHA256Digest] = [:]
    for (id, digest) in zip(ids, found) { digests[id] = digest }
    return digests
  }
}

extension FileTree {
  /// The content of the file `id`; nil if it is something else.
  fileprivate func content(_ id: InodeID) -> FileContent? {
    if case .file(let content)? = self[id]?.body { content } else { nil }
  }
}
