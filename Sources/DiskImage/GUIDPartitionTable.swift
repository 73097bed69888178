import Bytes
import Storage

/// A GPT: the header behind the protective MBR and its entries, or their copies at the end of the disk (UEFI
/// specification, section 5.3).
struct GUIDPartitionTable {
  let partitions: [Partition]

  /// Reads the table from the first of its two places whose checksums are right, with sectors of 512 or 4096 bytes.
  init(reading source: any ByteSource) throws(DiskImageError) {
    for isBackup in [false, true] {
      for sectorSize in [512, 4096] where source.size >= 3 * sectorSize {
        let sector = isBackup ? source.size / sectorSize - 1 : 1
        let header = try source.bytes(at: sector * sectorSize, count: sectorSize)
        guard let header = Header(parsing: header.span, sector: UInt64(sector)) else { continue }
        if let entries = try header.entries(of: source, sectorSize: sectorSize) {
          partitions = try Self.partitions(entries.span, entrySize: header.entrySize, sectorSize: sectorSize)
          return
        }
      }
    }
    throw .corrupt(.partitionTable)
  }

  private struct Header {
    let entriesSector: UInt64
    let entryCount: Int
    let entrySize: Int
    let entriesChecksum: UInt32

    /// nil unless the header in `bytes`, one sector, is whole and belongs at `sector`.
    init?(parsing bytes: Span<UInt8>, sector: UInt64) {
      let headerSize = Int(bytes.le(0x0C, as: UInt32.self))
      guard bytes.extracting(0..<8).array == Array("EFI PART".utf8), (92...bytes.count).contains(headerSize),
        bytes.le(0x18, as: UInt64.self) == sector
      else { return nil }
      // The checksum counts itself as zero.
      var header = bytes.extracting(0..<headerSize).array
      header.store(le: UInt32(0), at: 0x10)
      guard crc32(header.span) == bytes.le(0x10, as: UInt32.self) else { return nil }
      entriesSector = bytes.le(0x48)
      entryCount = Int(bytes.le(0x50, as: UInt32.self))
      entrySize = Int(bytes.le(0x54, as: UInt32.self))
      entriesChecksum = bytes.le(0x58)
    }

    /// The bytes of all entries; nil if they are not whole.
    func entries(of source: any ByteSource, sectorSize: Int) throws(DiskImageError) -> [UInt8]? {
      guard (128...4096).contains(entrySize), entrySize.isMultiple(of: 8), entryCount <= 4096 else {
        throw .unsupported(.partitionEntries(count: entryCount, size: entrySize))
      }
      let (offset, overflow) = entriesSector.multipliedReportingOverflow(by: UInt64(sectorSize))
      let count = entryCount * entrySize
      guard !overflow, source.size >= count, offset <= UInt64(source.size - count) else { return nil }
      let bytes = try source.bytes(at: Int(offset), count: count)
      return crc32(bytes.span) == entriesChecksum ? bytes : nil
    }
  }

  private static func partitions(
    _ bytes: Span<UInt8>, entrySize: Int, sectorSize: Int
  ) throws(DiskImageError) -> [Partition] {
    var partitions: [Partition] = []
    for (index, start) in stride(from: 0, to: bytes.count, by: entrySize).enumerated() {
      let entry = bytes.extracting(start..<start + 128)
      guard !entry.extracting(0..<16).isZero else { continue }
      let first = entry.le(0x20, as: UInt64.self)
      let last = entry.le(0x28, as: UInt64.self)
      // No disk has 2^48 sectors, and their bytes still fit an Int.
      guard first <= last, last < 1 << 48 else { throw .corrupt(.partitionRange(partition: index + 1)) }
      partitions.append(
        Partition(
          number: index + 1, type: .gpt(UUID(guid: entry.extracting(0..<16))), offset: Int(first) * sectorSize,
          size: Int(last - first + 1) * sectorSize, partUUID: UUID(guid: entry.extracting(16..<32)).description,
          isActive: entry.le(0x30, as: UInt64.self) & 4 != 0))
    }
    return partitions
  }
}

/// The CRC-32 of Ethernet and zlib, which GPT uses: reflected, polynomial 0xEDB88320, inverted before and after.
private func crc32(_ bytes: Span<UInt8>) -> UInt32 {
  var crc = ~UInt32(0)
  for index in bytes.indices {
    crc ^= UInt32(bytes[index])
    for _ in 0..<8 { crc = (crc >> 1) ^ (crc & 1 == 0 ? 0 : 0xEDB8_8320) }
  }
  return ~crc
}
