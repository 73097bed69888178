import Bytes
import Storage

/// The chain of records inside an extended partition: each names logical partitions, counting from itself, and the next
/// record, counting from the start of the extended partition (parse_extended in block/partitions/msdos.c).
struct LogicalPartitions {
  private let source: any ByteSource
  private let extended: MasterBootRecord.Entry
  private let sectorSize: Int
  private let policy: ReadPolicy
  private var seen: Set<Int> = []
  /// Entries that were read and not yet given out, and the record that they are from.
  private var found: ArraySlice<MasterBootRecord.Entry> = []
  private var place = 0
  /// The next record; nil after the last.
  private var following: Int?

  /// More partitions than Linux gives numbers to (DISK_MAX_PARTS).
  private static let limit = 256

  init(source: any ByteSource, extended: MasterBootRecord.Entry, sectorSize: Int, policy: ReadPolicy) {
    self.source = source
    self.extended = extended
    self.sectorSize = sectorSize
    self.policy = policy
    following = extended.offset(sectorSize)
  }

  /// The next logical partition and the place that it counts from, in bytes; nil after the last.
  ///
  /// Where the chain leads to no record, it ends, as in Linux, with a warning.
  ///
  /// - Throws: `DiskImageError`: corrupt if the chain comes back or is too long.
  mutating func next() throws(DiskImageError) -> (entry: MasterBootRecord.Entry, place: Int)? {
    while found.isEmpty, let place = following { try read(at: place) }
    return found.popFirst().map { ($0, place) }
  }

  private mutating func read(at place: Int) throws(DiskImageError) {
    self.place = place
    following = nil
    guard seen.insert(place).inserted else { throw .corrupt(.logicalCycle(offset: place)) }
    guard seen.count <= Self.limit else { throw .corrupt(.logicalCount(offset: place)) }
    let start = extended.offset(sectorSize)
    guard place + MasterBootRecord.size <= min(start + extended.size(sectorSize), source.size) else {
      return policy.warn("the chain of logical partitions leads to byte \(place), which is not there, and ends")
    }
    let bytes = try source.bytes(at: place, count: MasterBootRecord.size)
    guard let record = MasterBootRecord(parsing: bytes.span) else {
      // An extended partition that was made, and never filled.
      if seen.count == 1 && bytes.span.isZero { return }
      return policy.warn("no record of a logical partition is at byte \(place), where the chain leads, and ends")
    }
    found =
      record.entries.enumerated().filter { index, entry in
        entry.isUsed && !entry.isExtended && (index < 2 || isInside(entry))
      }.map(\.element)[...]
    following = record.entries.first { $0.isUsed && $0.isExtended }.map { start + $0.offset(sectorSize) }
  }

  /// Whether an entry of the last two, which others fill with anything, may be a partition.
  private func isInside(_ entry: MasterBootRecord.Entry) -> Bool {
    let start = place + entry.offset(sectorSize)
    return start + entry.size(sectorSize) <= extended.offset(sectorSize) + extended.size(sectorSize)
  }
}
