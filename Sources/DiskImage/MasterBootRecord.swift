import Bytes
import Storage

/// The first sector of a disk with an MBR, or of one logical partition.
struct MasterBootRecord {
  /// The bytes of a record, whatever the size of a sector.
  static let size = 512
  /// The types of partitions that hold logical ones (block/partitions/msdos.c).
  static let extendedTypes: Set<UInt8> = [0x05, 0x0F, 0x85]

  /// One of the four entries.
  struct Entry {
    let status: UInt8
    let type: UInt8
    let firstSector: UInt32
    let sectorCount: UInt32

    init(parsing bytes: Span<UInt8>) {
      status = bytes[0x0]
      type = bytes[0x4]
      firstSector = bytes.le(0x8)
      sectorCount = bytes.le(0xC)
    }

    var isUsed: Bool { type != 0 && sectorCount != 0 }
    var isProtective: Bool { type == 0xEE && isUsed }
    var isExtended: Bool { extendedTypes.contains(type) }
    /// Bytes from what the entry counts from.
    func offset(_ sectorSize: Int) -> Int { Int(firstSector) * sectorSize }
    func size(_ sectorSize: Int) -> Int { Int(sectorCount) * sectorSize }
  }

  let signature: UInt32
  let entries: [Entry]

  /// The record in the 512 bytes of a sector; nil if the sector does not end in 55 AA.
  init?(parsing bytes: Span<UInt8>) {
    guard bytes.le(0x1FE, as: UInt16.self) == 0xAA55 else { return nil }
    signature = bytes.le(0x1B8)
    entries = (0..<4).map { Entry(parsing: bytes.extracting(0x1BE + 16 * $0..<0x1CE + 16 * $0)) }
  }

  /// Whether a GPT follows.
  var isProtective: Bool { entries.contains { $0.isProtective } }

  /// Whether it protects a GPT and names partitions too, for machines that do not know GPT.
  var isHybrid: Bool { isProtective && entries.contains { $0.isUsed && !$0.isProtective } }

  /// Whether there is a partition, and no entry that cannot be one: what tells an MBR from the boot code of a file
  /// system (block/partitions/msdos.c).
  var isPlausible: Bool {
    entries.contains { $0.isUsed } && entries.allSatisfy { $0.status & 0x7F == 0 }
  }

  /// All partitions, by number, of a disk whose sectors have `sectorSize` bytes.
  ///
  /// - Throws: `DiskImageError`: corrupt if the chain of logical partitions does not end.
  func partitions(
    of source: any ByteSource, sectorSize: Int, policy: ReadPolicy
  ) throws(DiskImageError) -> [Partition] {
    var partitions: [Partition] = []
    for (index, entry) in entries.enumerated() where entry.isUsed {
      partitions.append(partition(index + 1, entry, countingFrom: 0, sectorSize))
    }
    for entry in entries where entry.isUsed && entry.isExtended {
      var chain = LogicalPartitions(source: source, extended: entry, sectorSize: sectorSize, policy: policy)
      var number = max(5, (partitions.last?.number ?? 0) + 1)
      while let (entry, place) = try chain.next() {
        partitions.append(partition(number, entry, countingFrom: place, sectorSize))
        number += 1
      }
    }
    return partitions
  }

  private func partition(_ number: Int, _ entry: Entry, countingFrom base: Int, _ sectorSize: Int) -> Partition {
    Partition(
      number: number, type: .mbr(entry.type), offset: base + entry.offset(sectorSize), size: entry.size(sectorSize),
      partUUID: "\(signature.hex(digits: 8))-\(UInt32(number).hex(digits: 2))", name: nil,
      isActive: entry.status & 0x80 != 0)
  }

  /// The size of the disk's sectors. An MBR does not say it: 4096 bytes if more of the places that the entries name
  /// hold something when they are counted so.
  func sectorSize(of source: any ByteSource) throws(DiskImageError) -> Int {
    let used = entries.filter(\.isUsed)
    let usual = try filledCount(used, 512, of: source)
    guard usual < used.count else { return 512 }
    return try filledCount(used, 4096, of: source) > usual ? 4096 : 512
  }

  private func filledCount(
    _ entries: [Entry], _ sectorSize: Int, of source: any ByteSource
  ) throws(DiskImageError) -> Int {
    var count = 0
    for entry in entries where try isFilled(entry, sectorSize, of: source) { count += 1 }
    return count
  }

  /// Whether a file system, or a record of logical partitions, is where `entry` says.
  private func isFilled(_ entry: Entry, _ sectorSize: Int, of source: any ByteSource) throws(DiskImageError) -> Bool {
    let partition = partition(0, entry, countingFrom: 0, sectorSize)
    let part = try partition.availableSource(in: source)
    guard entry.isExtended else { return try PartitionContent(of: part) != .unknown }
    guard part.size >= Self.size else { return false }
    let bytes = try part.bytes(at: 0, count: Self.size)
    return MasterBootRecord(parsing: bytes.span) != nil
  }
}

extension UInt32 {
  /// The value in lower-case hexadecimal, with zeros in front up to `digits`.
  fileprivate func hex(digits: Int) -> String {
    let text = String(self, radix: 16)
    return String(repeating: "0", count: Swift.max(0, digits - text.count)) + text
  }
}
