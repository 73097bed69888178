import Bytes
import FileTree
import Storage

/// Which clusters everything in a new FAT gets.
struct Allocation {
  /// What lies in a piece: an index into the plan's folders or files.
  enum Content {
    case folder(Int)
    case file(Int)
  }

  /// A file or folder in its clusters.
  struct Piece {
    let content: Content
    let clusters: Range<UInt32>
  }

  /// From cluster 2 on, without gaps.
  private(set) var pieces: [Piece] = []
  private var firstClusters: [InodeID: UInt32] = [:]
  /// The first cluster after all pieces.
  private(set) var end: UInt32 = 2

  /// Gives everything in `plan` its clusters; there are enough.
  init(_ plan: ContentsPlan, _ shape: FATShape) {
    let isChained = shape.width == .fat32
    let folders = plan.folders.enumerated().dropFirst(isChained ? 0 : 1)
    func place(_ content: Content, _ id: InodeID, size: Int) {
      let count = UInt32(size.dividedRoundingUp(by: shape.clusterSize))
      firstClusters[id] = end
      pieces.append(Piece(content: content, clusters: end..<end + count))
      end += count
    }
    // Boot code of all kinds expects a FAT32's root directory in cluster 2.
    for (index, folder) in folders.prefix(isChained ? 1 : 0) {
      place(.folder(index), folder.id, size: folder.slots * 32)
    }
    let isForeign = plan.files.map(\.content.isForeign)
    for (index, file) in plan.files.enumerated() where isForeign[index] {
      place(.file(index), file.id, size: file.content.size)
    }
    for (index, folder) in folders.dropFirst(isChained ? 1 : 0) {
      place(.folder(index), folder.id, size: folder.slots * 32)
    }
    for (index, file) in plan.files.enumerated() where !isForeign[index] {
      place(.file(index), file.id, size: file.content.size)
    }
  }

  /// The first cluster of a file or folder; 0 if it has none, as an empty file or the root directory of a FAT16.
  func firstCluster(of id: InodeID) -> UInt32 { firstClusters[id] ?? 0 }

  /// The table, up to its last entry that is not zero.
  func table(_ shape: FATShape) -> [UInt8] {
    switch shape.width {
    case .fat32: table(UInt32.self, reserved: [0x0FFF_FFF8, 0x0FFF_FFFF], end: 0x0FFF_FFFF)
    case .fat12, .fat16: table(UInt16.self, reserved: [0xFFF8, 0xFFFF], end: 0xFFFF)
    }
  }

  private func table<Entry: FixedWidthInteger & BitwiseCopyable>(
    _ type: Entry.Type, reserved: [Entry], end mark: Entry
  ) -> [UInt8] {
    let size = MemoryLayout<Entry>.size
    var bytes = [UInt8](repeating: 0, count: Int(end) * size)
    for (index, entry) in reserved.enumerated() { bytes.store(le: entry, at: index * size) }
    for piece in pieces {
      for cluster in piece.clusters {
        let next = cluster + 1 < piece.clusters.upperBound ? Entry(cluster + 1) : mark
        bytes.store(le: next, at: Int(cluster) * size)
      }
    }
    return bytes
  }
}

extension FileContent {
  /// Whether the content begins in another source, such as the base image.
  fileprivate var isForeign: Bool {
    guard let first = extents.first, case .source = run(of: first) else { return false }
    return true
  }
}
