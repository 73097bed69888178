import Bytes
import Storage

/// A GPT: the header after the protective MBR and its entries, and their copies at the end of the disk (UEFI
/// specification, section 5.3).
struct GUIDPartitionTable {
  let partitions: [Partition]
  /// The disk's own.
  let guid: UUID
  /// Bytes.
  let sectorSize: Int

  /// Linux gives no partition a higher number (DISK_MAX_PARTS).
  private static let limit = 255

  /// One of the two tables: a header, and the bytes of its entries.
  private struct Copy {
    let header: GPTHeader
    let entries: [UInt8]
    let sectorSize: Int
  }

  /// Reads the table with sectors of 512 or 4096 bytes: the first one where it is whole, or else the one at the end.
  ///
  /// - Throws: `DiskImageError`: corrupt if neither is whole; with a policy that does not verify checksums only if
  ///   neither can be one at all.
  init(reading source: any ByteSource, policy: ReadPolicy) throws(DiskImageError) {
    if let first = try Self.first(of: source) {
      try Self.compare(first, with: Self.backup(of: first, in: source), policy)
      try self.init(first)
    } else if let last = try Self.last(of: source) {
      policy.warn("the GPT at the front is damaged: the one at the end is used")
      try self.init(last)
    } else if !policy.verifiesChecksums, let first = try Self.first(of: source, verifying: false) {
      policy.warn("the checksums of both GPTs are wrong: the one at the front is used")
      try self.init(first)
    } else {
      throw .corrupt(.partitionTable)
    }
  }

  private init(_ copy: Copy) throws(DiskImageError) {
    sectorSize = copy.sectorSize
    guid = UUID(guid: copy.header.disk.span)
    partitions = try Self.partitions(copy.entries.span, entrySize: copy.header.entrySize, sectorSize: sectorSize)
  }

  /// Whether a header is where one belongs, after the first sector, whole or not.
  static func isPresent(in source: any ByteSource) throws(DiskImageError) -> Bool {
    for sectorSize in [512, 4096] where source.size >= 2 * sectorSize {
      let bytes = try source.bytes(at: sectorSize, count: 8)
      if GPTHeader.isPresent(in: bytes.span) { return true }
    }
    return false
  }

  private static func first(
    of source: any ByteSource, verifying: Bool = true
  ) throws(DiskImageError) -> Copy? {
    for sectorSize in [512, 4096] {
      if let copy = try copy(at: 1, of: source, sectorSize: sectorSize, verifying: verifying) { return copy }
    }
    return nil
  }

  private static func last(of source: any ByteSource) throws(DiskImageError) -> Copy? {
    for sectorSize in [512, 4096] {
      let sector = source.size / sectorSize - 1
      if let copy = try copy(at: sector, of: source, sectorSize: sectorSize) { return copy }
    }
    return nil
  }

  /// The other copy, where `first` says that it is: not at the end of the source if that grew.
  private static func backup(of first: Copy, in source: any ByteSource) throws(DiskImageError) -> Copy? {
    guard let sector = Int(exactly: first.header.backupSector) else { return nil }
    return try copy(at: sector, of: source, sectorSize: first.sectorSize)
  }

  /// The table whose header is at `sector`; nil if there is none that is whole.
  private static func copy(
    at sector: Int, of source: any ByteSource, sectorSize: Int, verifying: Bool = true
  ) throws(DiskImageError) -> Copy? {
    guard sector > 0, sector < source.size / sectorSize else { return nil }
    let bytes = try source.bytes(at: sector * sectorSize, count: sectorSize)
    guard let header = GPTHeader(parsing: bytes.span, sector: UInt64(sector), verifying: verifying),
      let entries = try header.entries(of: source, sectorSize: sectorSize, verifying: verifying)
    else { return nil }
    return Copy(header: header, entries: entries, sectorSize: sectorSize)
  }

  private static func compare(_ first: Copy, with backup: Copy?, _ policy: ReadPolicy) {
    guard let backup else { return policy.warn("the GPT at the end is damaged or not there") }
    let isSame =
      first.header.disk == backup.header.disk && first.header.entrySize == backup.header.entrySize
      && first.entries.span.isSame(as: backup.entries.span)
    if !isSame { policy.warn("the GPT at the end differs from the one at the front, which is used") }
  }

  private static func partitions(
    _ bytes: Span<UInt8>, entrySize: Int, sectorSize: Int
  ) throws(DiskImageError) -> [Partition] {
    var partitions: [Partition] = []
    for (index, start) in stride(from: 0, to: bytes.count, by: entrySize).enumerated() {
      let entry = bytes.extracting(start..<start + 128)
      guard !entry.extracting(0..<16).isZero else { continue }
      guard index < Self.limit else { throw .unsupported(.partitionNumber(index + 1)) }
      let first = entry.le(0x20, as: UInt64.self)
      let last = entry.le(0x28, as: UInt64.self)
      // No disk has 2^48 sectors, and their bytes still fit an Int.
      guard first <= last, last < 1 << 48 else { throw .corrupt(.partitionRange(partition: index + 1)) }
      partitions.append(
        Partition(
          number: index + 1, type: .gpt(UUID(guid: entry.extracting(0..<16))), offset: Int(first) * sectorSize,
          size: Int(last - first + 1) * sectorSize, partUUID: UUID(guid: entry.extracting(16..<32)).description,
          name: name(entry.extracting(0x38..<0x80)), isActive: entry.le(0x30, as: UInt64.self) & 4 != 0))
    }
    return partitions
  }

  /// The name of an entry: up to 36 units of UTF-16; nil if it has none.
  private static func name(_ bytes: Span<UInt8>) -> String? {
    var units: [UInt16] = []
    for offset in stride(from: 0, to: bytes.count, by: 2) {
      let unit: UInt16 = bytes.le(offset)
      guard unit != 0 else { break }
      units.append(unit)
    }
    return units.isEmpty ? nil : String(decoding: units, as: UTF16.self)
  }
}
