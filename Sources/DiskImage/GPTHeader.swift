import Bytes
import Storage

/// The header of a GPT (UEFI specification, table 5.5).
struct GPTHeader {
  /// The disk's GUID, as its bytes are.
  let disk: [UInt8]
  /// Where the other header is.
  let backupSector: UInt64
  let entriesSector: UInt64
  let entryCount: Int
  /// Bytes.
  let entrySize: Int
  let entriesChecksum: UInt32

  /// Whether a header's signature is at the start of `bytes`.
  static func isPresent(in bytes: Span<UInt8>) -> Bool { bytes.extracting(0..<8).array == Array("EFI PART".utf8) }

  /// nil unless the header in `bytes`, one sector, is whole and belongs at `sector`.
  init?(parsing bytes: Span<UInt8>, sector: UInt64, verifying: Bool) {
    let HeaderSize = Int(bytes.le(0x0C, as: UInt32.self))
    guard Self.isPresent(in: bytes), (92...bytes.count).contains(HeaderSize),
      bytes.le(0x18, as: UInt64.self) == sector
    else { return nil }
    if verifying {
      // The checksum counts itself as zero.
      var header = bytes.extracting(0..<HeaderSize).array
      header.store(le: UInt32(0), at: 0x10)
      guard CRC32.of(header.span) == bytes.le(0x10, as: UInt32.self) else { return nil }
    }
    backupSector = bytes.le(0x20)
    disk = bytes.extracting(0x38..<0x48).array
    entriesSector = bytes.le(0x48)
    entryCount = Int(bytes.le(0x50, as: UInt32.self))
    entrySize = Int(bytes.le(0x54, as: UInt32.self))
    entriesChecksum = bytes.le(0x58)
  }

  /// The bytes of all entries; nil if they are not whole.
  ///
  /// - Throws: `DiskImageError`: unsupported if they are more than 512 KiB: 128 of 128 bytes are usual.
  func entries(
    of source: any ByteSource, sectorSize: Int, verifying: Bool
  ) throws(DiskImageError) -> [UInt8]? {
    let (count, tooMany) = entryCount.multipliedReportingOverflow(by: entrySize)
    guard entrySize >= 128, entrySize.isMultiple(of: 8), !tooMany, count <= 512 << 10 else {
      throw .unsupported(.partitionEntries(count: entryCount, size: entrySize))
    }
    let (offset, overflow) = entriesSector.multipliedReportingOverflow(by: UInt64(sectorSize))
    guard !overflow, source.size >= count, offset <= UInt64(source.size - count) else { return nil }
    let bytes = try source.bytes(at: Int(offset), count: count)
    return !verifying || CRC32.of(bytes.span) == entriesChecksum ? bytes : nil
  }
}

/// The CRC-32 of Ethernet and zlib, which GPT uses: reflected, polynomial 0xEDB88320, inverted before and after.
enum CRC32 {
  /// What each byte does to a sum of zero.
  private static let table = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { crc, _ in (crc >> 1) ^ (crc & 1 == 0 ? 0 : 0xEDB8_8320) }
  }

  /// The checksum of `bytes`.
  static func of(_ bytes: Span<UInt8>) -> UInt32 {
    let table = table
    var crc = ~UInt32(0)
    for index in bytes.indices { crc = (crc >> 8) ^ table[Int(UInt8(truncatingIfNeeded: crc) ^ bytes[index])] }
    return ~crc
  }
}
