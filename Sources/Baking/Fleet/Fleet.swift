import Dispatch
import Storage
import Synchronization
import SystemPackage

/// What the disks of nodes of one base share while they are baked side by side.
///
/// Of each kind of disk the first node to come leads: it hashes and compresses all of its disk, while others of that
/// kind wait. They then do so only with what is not as in the leader's. What comes out depends on no other node.
final class Fleet: Sendable {
  /// Disks that may have much in common.
  struct Kind: Hashable {
    /// The file's name after that of the node.
    let suffix: String
    let size: Int
  }

  /// A finished disk.
  struct Disk {
    let source: RunSource
    let digests: BlockDigests
    /// A copy of the plain image that nobody else reaches, where the file system shares extents.
    let clone: FileSource?
  }

  private enum Place {
    case leading(waiting: [DispatchSemaphore])
    case led(Disk)
  }

  /// The compressed chunks of this and earlier builds.
  private let chunks: ChunkStore
  /// Those of this build alone, in a folder that goes with it.
  private let nodeChunks: ChunkStore
  private let nodeFolder: Publication
  /// What compressing may take of the memory, in bytes.
  private static let memory = 160 << 20
  private let gates: [Compression: Gate]
  private let places = Mutex<[Kind: Place]>([:])

  /// A fleet whose compressed chunks are kept in `folder`, but for those that hold bytes of a node. `warn` is told of spoiled
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

  /// Makes a disk of `kind`, given the leader's if there is one, for which it may wait.
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

  /// The disk of the node that leads; nil for who is to lead.
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
