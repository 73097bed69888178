import Dispatch
import Storage
import Synchronization
import SystemPackage

/// The hashes, compressed chunks and clones that the disks of a base's nodes share while they are baked side by side.
///
/// The first node that comes to a kind of disk is its leader: it hashes and compresses the whole disk, and other nodes of that kind
/// wait. They then hash and compress only the blocks that differ from the leader's. The bytes of a disk depend on no other node.
final class Fleet: Sendable {
  /// Disks of the same name and size, which may have many blocks in common.
  struct Kind: Hashable {
    /// The file's name after that of the node.
    let suffix: String
    let size: Int
  }

  /// A finished disk.
  struct Disk {
    let source: RunSource
    let digests: BlockDigests
    /// A clone of the plain image that only this process reaches; nil where the file system does not share extents.
    let clone: FileSource?
  }

  private enum Place {
    case leading(waiting: [DispatchSemaphore])
    case led(Disk)
  }

  /// The compressed chunks of this and earlier builds.
  private let chunks: ChunkStore
  /// Chunks that hold bytes of a node: their folder is removed at the end of the build.
  private let nodeChunks: ChunkStore
  private let nodeFolder: Publication
  /// The most memory that compression takes, in bytes.
  private static let memory = 160 << 20
  private let gates: [Compression: Gate]
  private let places = Mutex<[Kind: Place]>([:])

  /// A fleet that keeps compressed chunks in `folder`, except those that hold bytes of a node. `warn` is called for spoiled
  /// entries.
  init(chunks folder: HeldFolder, warn: @escaping @Sendable (String) -> Void) throws(IOError) {
    try Leftovers.remove(from: folder)
    nodeFolder = try Publication(folder: "nodes", in: folder)
    nodeChunks = ChunkStore(folder: try nodeFolder.folder(), warn: warn)
    chunks = ChunkStore(folder: folder, warn: warn)
    gates = Dictionary(
      uniqueKeysWithValues: Compression.allCases.map { compression in
        (compression, Gate(CompressedImage.threads(compression, memory: Fleet.memory)))
      })
  }

  /// The stores for the compressed chunks of a disk. `ranges` are the bytes of the disk that belong to its node alone.
  func stores(nodeRanges ranges: [Range<Int>]) -> CompressedImage.Stores {
    CompressedImage.Stores(shared: chunks, own: nodeChunks, ownRanges: ranges)
  }

  /// The gate that bounds how many chunks are compressed at a time.
  func gate(_ compression: Compression) -> Gate { gates[compression] ?? Gate(1) }

  /// Calls `body` to make a disk of `kind`, with the leader's disk, for which it may wait, or with nil for the leader itself.
  func make(_ kind: Kind, _ body: (Disk?) throws(IOError) -> Disk) throws(IOError) {
    if let leader = leader(of: kind) {
      _ = try body(leader)
      return
    }
    var disk: Disk?
    // A leader that failed leaves its place to one of those that wait.
    defer { settle(kind, disk) }
    disk = try body(nil)
  }

  /// The leader's disk; nil if the caller is now the leader.
  private func leader(of kind: Kind) -> Disk? {
    while true {
      let wait: DispatchSemaphore
      switch places.withLock({ places -> (Disk?, DispatchSemaphore?) in
        switch places[kind] {
        case nil:
          places[kind] = .leading(waiting: [])
          return (nil, nil)
        case .led(let disk): return (disk, nil)
        case .leading(let waiting):
          let semaphore = DispatchSemaphore(value: 0)
          places[kind] = .leading(waiting: waiting + [semaphore])
          return (nil, semaphore)
        }
      }) {
      case (let disk, nil): return disk
      case (_, let semaphore?): wait = semaphore
      }
      wait.wait()
    }
  }

  private func settle(_ kind: Kind, _ disk: Disk?) {
    let waiting = places.withLock { places -> [DispatchSemaphore] in
      guard case .leading(let waiting) = places[kind] else { return [] }
      places[kind] = disk.map { .led($0) }
      return waiting
    }
    for semaphore in waiting { semaphore.signal() }
  }
}
