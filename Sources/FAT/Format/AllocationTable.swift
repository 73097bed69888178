import Bytes
import FileTree
import Storage

/// The table: which cluster follows which. Parts of it are read when they are needed, and the memory for them is
/// bounded, whatever size a boot sector claims.
struct AllocationTable {
  private let source: any ByteSource
  /// Of the copy that is in use, in bytes from the start.
  private let offset: Int
  private let size: Int
  private let width: FATWidth
  /// The numbers that clusters have.
  let clusters: Range<UInt32>

  /// The parts that were read, each at its number modulo the count of places; a table up to 32 MiB is read but once. Grows as
  /// far as parts are asked for.
  private var pages: [Page] = []

  private struct Page {
    /// -1 where nothing was read.
    var number = -1
    var bytes: [UInt8] = []
  }

  /// Bytes: no entry crosses from one page to the next, since a FAT12 has less than one page.
  private static let pageSize = 16 << 10
  private static let pageLimit = 2048

  /// What the table says about a cluster.
  enum Entry: Equatable {
    case next(UInt32)
    case end
    case free
    case bad
  }

  init(_ source: any ByteSource, _ boot: BootSector) {
    self.source = source
    offset = boot.tableOffset(of: boot.activeTable)
    size = boot.tableSize
    width = boot.width
    clusters = 2..<UInt32(boot.clusterCount) + 2
  }

  /// The entry of `cluster`, which is one of `clusters`.
  mutating func entry(of cluster: UInt32) throws(FATError) -> Entry {
    let value = try value(of: cluster)
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

  /// The bare value at `index`: also of 0 and 1, which belong to no cluster and say how the volume was left.
  mutating func value(of index: UInt32) throws(FATError) -> UInt32 {
    let place = width.offset(of: Int(index))
    let page = place / Self.pageSize
    let slot = page % Self.pageLimit
    if slot >= pages.count { pages.append(contentsOf: repeatElement(Page(), count: slot + 1 - pages.count)) }
    if pages[slot].number != page { pages[slot] = try read(page) }
    let bytes = pages[slot].bytes
    return width.value(Int(index), at: place % Self.pageSize, in: bytes.span)
  }

  private func read(_ page: Int) throws(FATError) -> Page {
    let start = page * Self.pageSize
    return Page(
      number: page, bytes: try source.bytes(at: offset + start, count: min(Self.pageSize, size - start)))
  }

  /// How many clusters are free. Goes through the whole table.
  func freeCount() throws(FATError) -> Int {
    var count = 0
    var index = 0
    var page = 0
    while index < Int(clusters.upperBound) {
      let bytes = try read(page).bytes
      let end = width == .fat12 ? Int(clusters.upperBound) : index + bytes.count / (width.rawValue / 8)
      while index < end {
        let place = width.offset(of: index) - page * Self.pageSize
        if index >= 2, width.value(index, at: place, in: bytes.span) == 0 { count += 1 }
        index += 1
      }
      page += 1
    }
    return count
  }
}

extension FATWidth {
  /// Where the entry of number `index` begins, in bytes from the table's start.
  fileprivate func offset(of index: Int) -> Int { self == .fat12 ? index + index / 2 : index * (rawValue / 8) }

  /// The entry of number `index`, whose bytes begin at `place`.
  fileprivate func value(_ index: Int, at place: Int, in bytes: Span<UInt8>) -> UInt32 {
    switch self {
    case .fat12:
      let pair = UInt32(bytes.le(place, as: UInt16.self))
      return index.isMultiple(of: 2) ? pair & 0xFFF : pair >> 4
    case .fat16: return UInt32(bytes.le(place, as: UInt16.self))
    // The upper four bits are reserved, and kept as they are by everyone.
    case .fat32: return bytes.le(place, as: UInt32.self) & 0x0FFF_FFFF
    }
  }
}
