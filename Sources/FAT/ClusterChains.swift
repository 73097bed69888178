import FileTree
import Storage

/// Follows chains through the table, and remembers which clusters were taken.
///
/// No cluster is given out twice: a chain that runs into another one, or into itself, is corrupt. So all chains together
/// take no longer than the table has entries.
struct ClusterChains {
  private let boot: BootSector
  private let table: AllocationTable
  /// One bit a cluster.
  private var taken: [UInt64]
  /// The pieces of the chain last followed, in bytes of the partition; the same storage for all.
  private(set) var extents: [FileExtent] = []

  init(_ boot: BootSector, _ table: AllocationTable) {
    self.boot = boot
    self.table = table
    taken = [UInt64](repeating: 0, count: Int(table.clusters.upperBound) / 64 + 1)
  }

  /// Follows the chain of a file of `size` bytes, no further than the file goes; `extents` then hold just the file.
  mutating func followFile(
    from first: UInt32, size: Int, path: @autoclosure () -> TreePath
  ) throws(FATError) {
    extents.removeAll(keepingCapacity: true)
    let needed = (size + boot.clusterSize - 1) / boot.clusterSize
    let count: Int
    do {
      count = try follow(from: first, limit: needed)
    } catch {
      throw .corrupt(.chain(path(), cluster: error.cluster, error.fault))
    }
    guard count == needed else { throw .corrupt(.shortChain(path(), clusters: count, needed: needed)) }
    if let last = extents.indices.last { extents[last].count -= needed * boot.clusterSize - size }
  }

  /// Follows the chain of a folder to its end.
  mutating func followFolder(from first: UInt32, path: @autoclosure () -> TreePath) throws(FATError) {
    extents.removeAll(keepingCapacity: true)
    // What Linux and Windows allow: 65,536 entries of 32 bytes.
    let limit = max(1, (2 << 20) / boot.clusterSize)
    let count: Int
    do {
      count = try follow(from: first, limit: limit + 1)
    } catch {
      throw .corrupt(.chain(path(), cluster: error.cluster, error.fault))
    }
    guard count <= limit else { throw .corrupt(.folderSize(path())) }
  }

  private struct BrokenChain: Error {
    let cluster: UInt32
    let fault: FATError.ChainFault
  }

  /// Takes up to `limit` clusters from `first` on and appends them to `extents`.
  ///
  /// - Returns: how many there were.
  private mutating func follow(from first: UInt32, limit: Int) throws(BrokenChain) -> Int {
    var cluster = first
    var count = 0
    while count < limit {
      guard table.clusters.contains(cluster) else { throw BrokenChain(cluster: cluster, fault: .outside) }
      guard take(cluster) else { throw BrokenChain(cluster: cluster, fault: .shared) }
      append(cluster, at: count)
      count += 1
      switch table[cluster] {
      case .next(let next): cluster = next
      case .end: return count
      case .free: throw BrokenChain(cluster: cluster, fault: .free)
      case .bad: throw BrokenChain(cluster: cluster, fault: .bad)
      }
    }
    return count
  }

  /// Whether `cluster` was free to take.
  private mutating func take(_ cluster: UInt32) -> Bool {
    let bit = UInt64(1) << UInt64(cluster % 64)
    let word = Int(cluster / 64)
    guard taken[word] & bit == 0 else { return false }
    taken[word] |= bit
    return true
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
