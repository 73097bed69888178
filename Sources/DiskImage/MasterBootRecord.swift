import Bytes
import Storage

/// The first sector of a disk with an MBR, or of one logical partition.
struct MasterBootRecord {
  static let sectorSize = 512
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
    var isExtended: Bool { extendedTypes.contains(type) }
    /// Bytes from what the entry counts from.
    var offset: Int { Int(firstSector) * sectorSize }
    var size: Int { Int(sectorCount) * sectorSize }
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
  var isProtective: Bool { entries.contains { $0.type == 0xEE && $0.isUsed } }

  /// Whether there is a partition, and no entry that cannot be one: what tells an MBR from the boot code of a file
  /// system (block/partitions/msdos.c).
  var isPlausible: Bool {
    entries.contains { $0.isUsed } && entries.allSatisfy { $0.status & 0x7F == 0 }
  }

  /// All partitions, by number.
  func partitions(of source: any ByteSource) throws(DiskImageError) -> [Partition] {
    var partitions: [Partition] = []
    for (index, entry) in entries.enumerated() where entry.isUsed {
      partitions.append(partition(index + 1, entry, countingFrom: 0))
    }
    for entry in entries where entry.isUsed && entry.isExtended {
      try appendLogical(of: entry, in: source, to: &partitions)
    }
    return partitions
  }

  /// Follows the chain of records inside `extended`: each names one logical partition, counting from itself, and the
  /// next record, counting from the start of `extended`.
  private func appendLogical(
    of extended: Entry, in source: any ByteSource, to partitions: inout [Partition]
  ) throws(DiskImageError) {
    var seen: Set<Int> = []
    var number = max(5, (partitions.last?.number ?? 0) + 1)
    var next: Int? = extended.offset
    while let place = next {
      next = nil
      guard seen.insert(place).inserted else { throw .corrupt(.logicalCycle(offset: place)) }
      // Linux gives up after 100; a chain of distinct records is bounded, but slow where it is hostile.
      guard seen.count <= 256, place + Self.sectorSize <= min(extended.offset + extended.size, source.size) else {
        throw .corrupt(.logicalRecord(offset: place))
      }
      let bytes = try source.bytes(at: place, count: Self.sectorSize)
      guard let record = MasterBootRecord(parsing: bytes.span) else {
        // An extended partition that was made, and never filled.
        if seen.count == 1 && bytes.span.isZero { break }
        throw .corrupt(.logicalRecord(offset: place))
      }
      for entry in record.entries[..<2] where entry.isUsed {
        if entry.isExtended {
          next = next ?? extended.offset + entry.offset
        } else {
          partitions.append(partition(number, entry, countingFrom: place))
          number += 1
        }
      }
    }
  }

  private func partition(_ number: Int, _ entry: Entry, countingFrom base: Int) -> Partition {
    Partition(
      number: number, type: .mbr(entry.type), offset: base + entry.offset, size: entry.size,
      partUUID: "\(signature.hex(digits: 8))-\(UInt32(number).hex(digits: 2))", isActive: entry.status & 0x80 != 0)
  }
}

extension UInt32 {
  /// The value in lower-case hexadecimal, with zeros in front up to `digits`.
  fileprivate func hex(digits: Int) -> String {
    let text = String(self, radix: 16)
    return String(repeating: "0", count: Swift.max(0, digits - text.count)) + text
  }
}
