import FileTree
import Storage

/// Follows chains through the table, and remembers which clusters were taken.
///
/// No cluster is given out twice: a chain that runs into another one, or into itself, is corrupt. So all chains
/// together take no longer than the table has entries.
struct ClusterChains {
  private let boot: BootSector
  private var table: AllocationTable
  private var taken = ClusterSet()
  /// The pieces of the chain last followed, in bytes of the partition; the same storage for all.
  private(set) var extents: [FileExtent] = []

  init(_ boot: BootSector, _ table: AllocationTable) {
    self.boot = boot
    self.table = table
  }

  /// Follows the chain of a file of `size` bytes, no further than the file goes; `extents` then hold just the file.
  ///
  /// - Returns: whether the chain goes on after the end of the file.
  mutating func followFile(
    from first: UInt32, size: Int, path: @autoclosure () -> TreePath
  ) throws(FATError) -> Bool {
    extents.removeAll(keepingCapacity: true)
    let needed = (size + boot.clusterSize - 1) / boot.clusterSize
    let (count, isWhole) = try follow(from: first, limit: needed, path: path)
    guard count == needed else { throw .corrupt(.shortChain(path(), clusters: count, needed: needed)) }
    if let last = extents.indices.last { extents[last].count -= needed * boot.clusterSize - size }
    return !isWhole
  }

  /// Follows the chain of a folder to its end.
  mutating func followFolder(from first: UInt32, path: @autoclosure () -> TreePath) throws(FATError) {
    extents.removeAll(keepingCapacity: true)
    // What Linux and Windows allow: 65,536 entries of 32 bytes.
    let limit = max(1, (2 << 20) / boot.clusterSize)
    guard try follow(from: first, limit: limit, path: path).isWhole else { throw .corrupt(.folderSize(path())) }
  }

  /// Takes up to `limit` clusters from `first` on and appends them to `extents`.
  ///
  /// - Returns: how many there were, and whether they are the whole chain.
  private mutating func follow(
    from first: UInt32, limit: Int, path: () -> TreePath
  ) throws(FATError) -> (count: Int, isWhole: Bool) {
    var cluster = first
    var count = 0
    while count < limit {
      guard table.clusters.contains(cluster) else { throw .corrupt(.chain(path(), cluster: cluster, .outside)) }
      guard taken.insert(cluster) else {
        throw .corrupt(.chain(path(), cluster: cluster, isInExtents(cluster) ? .loop : .shared))
      }
      append(cluster, at: count)
      count += 1
      switch try table.entry(of: cluster) {
      case .next(let next): cluster = next
      case .end: return (count, true)
      case .free: throw .corrupt(.chain(path(), cluster: cluster, .free))
      case .bad: throw .corrupt(.chain(path(), cluster: cluster, .bad))
      }
    }
    return (count, false)
  }

  /// Whether the chain that is being followed has been at `cluster` before.
  private func isInExtents(_ cluster: UInt32) -> Bool {
    let place = boot.offset(of: cluster)
    return extents.contains { ($0.sourceOffset..<$0.sourceOffset + $0.count).contains(place) }
  }

  private mutating func append(_ cluster: UInt32, at index: Int) {
    let place = boot.offset(of: cluster)
    if let last = extents.indices.last, extents[last].sourceOffset + extents[last].count == place {
      extents[last].count += boot.clusterSize
    } else {
      extents.append(
        FileExtent(offset: index * boot.clusterSize, sourceOffset: place, count: boot.clusterSize))
    }
  }
}

/// A set of clusters, one bit each; memory only for the parts of the file system where something lies.
struct ClusterSet {
  private var parts: [[UInt64]] = []
  /// 8 KiB of bits.
  private static let wordsInPart = 1024

  /// Adds `cluster`.
  ///
  /// - Returns: whether it was not there before.
  mutating func insert(_ cluster: UInt32) -> Bool {
    let bit = UInt64(1) << UInt64(cluster % 64)
    let (part, word) = (Int(cluster) / 64).quotientAndRemainder(dividingBy: Self.wordsInPart)
    if part >= parts.count { parts.append(contentsOf: repeatElement([], count: part + 1 - parts.count)) }
    if parts[part].isEmpty { parts[part] = Array(repeating: 0, count: Self.wordsInPart) }
    guard parts[part][word] & bit == 0 else { return false }
    parts[part][word] |= bit
    return true
  }
}
