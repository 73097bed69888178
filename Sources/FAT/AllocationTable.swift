import Bytes
import FileTree
import Storage

/// The table itself, in memory: which cluster follows which.
struct AllocationTable {
  private let bytes: [UInt8]
  private let width: FATWidth
  /// The numbers that clusters have.
  let clusters: Range<UInt32>

  /// What the table says about a cluster.
  enum Entry {
    case next(UInt32)
    case end
    case free
    case bad
  }

  /// Reads the first copy of the table in one piece; the others are for repair tools.
  init(_ source: any ByteSource, _ boot: BootSector) throws(FATError) {
    guard boot.tableSize <= 64 << 20 else { throw .unsupported(.tableSize(boot.tableSize)) }
    do {
      bytes = try source.read(at: boot.tableOffset, count: boot.tableSize)
    } catch {
      throw .io(error)
    }
    width = boot.width
    clusters = 2..<UInt32(boot.clusterCount) + 2
  }

  /// The entry of `cluster`, which is one of `clusters`.
  @inline(__always)
  subscript(cluster: UInt32) -> Entry {
    let value = value(of: cluster)
    // All widths have the same marks when their upper bits are filled up.
    let mark: UInt32
    switch width {
    case .fat12: mark = value | (value >= 0xFF7 ? 0x0FFF_F000 : 0)
    case .fat16: mark = value | (value >= 0xFFF7 ? 0x0FFF_0000 : 0)
    case .fat32: mark = value
    }
    return if mark == 0 { .free } else if mark >= 0x0FFF_FFF8 { .end } else if mark == 0x0FFF_FFF7 { .bad } else {
      .next(mark)
    }
  }

  private func value(of cluster: UInt32) -> UInt32 {
    let index = Int(cluster)
    switch width {
    case .fat12:
      let pair = UInt32(bytes.span.le(index + index / 2, as: UInt16.self))
      return index.isMultiple(of: 2) ? pair & 0xFFF : pair >> 4
    case .fat16: return UInt32(bytes.span.le(index * 2, as: UInt16.self))
    // The upper four bits are reserved, and kept as they are by everyone.
    case .fat32: return bytes.span.le(index * 4, as: UInt32.self) & 0x0FFF_FFFF
    }
  }

  /// How many clusters are free.
  var freeCount: Int {
    var count = 0
    for cluster in clusters where value(of: cluster) == 0 { count += 1 }
    return count
  }
}
