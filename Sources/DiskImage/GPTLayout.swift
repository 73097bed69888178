import Bytes

/// The two copies of a new disk's GUID partition table (UEFI specification, section 5.3), with sectors of 512 bytes.
struct GPTLayout {
  /// What stands after the MBR: the header, then the entries.
  let head: [UInt8]
  /// What stands at the end of the disk: the entries, then the other header.
  let tail: [UInt8]

  /// How many entries a table has: as many as the specification wants at least, and every tool makes.
  static let entryCount = 128
  private static let entrySize = 128
  /// The sectors of a header and its entries.
  private static let sectorCount = 1 + entryCount * entrySize / 512
  /// The bytes before the first sector that a partition may have.
  static let headSize = (1 + sectorCount) * 512

  /// The table of `plan`.
  init(_ identity: DiskLayout.Identity, _ plan: DiskPlan) {
    var entries = [UInt8](repeating: 0, count: Self.entryCount * Self.entrySize)
    for placement in plan.placements {
      let entry = Self.entry(placement, identity.partitionGUID(placement.number))
      entries.store(entry, at: (placement.number - 1) * Self.entrySize)
    }
    let last = plan.size / 512 - 1
    let header = Header(disk: identity.guid, last: last, entriesChecksum: CRC32.of(entries.span))
    head = header.bytes(at: 1, entriesAt: 2) + entries
    tail = entries + header.bytes(at: last, entriesAt: last - Self.sectorCount + 1)
  }

  private static func entry(_ placement: DiskPlan.Placement, _ guid: UUID) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: entrySize)
    // Basic data, not an EFI system partition: the firmware takes both, and other computers show their users this one.
    bytes.store((placement.use == .boot ? UUID.basicData : .linuxData).guid, at: 0)
    bytes.store(guid.guid, at: 0x10)
    bytes.store(le: UInt64(placement.firstSector), at: 0x20)
    bytes.store(le: UInt64(placement.firstSector + placement.sectorCount - 1), at: 0x28)
    for (index, unit) in placement.name.utf16.prefix(36).enumerated() { bytes.store(le: unit, at: 0x38 + 2 * index) }
    return bytes
  }

  /// What both headers say.
  private struct Header {
    let disk: UUID
    /// The last sector of the disk.
    let last: Int
    let entriesChecksum: UInt32

    /// The header that lies at `sector`, in a whole sector; the other one is at the other end of the disk.
    func bytes(at sector: Int, entriesAt entries: Int) -> [UInt8] {
      var bytes = [UInt8](repeating: 0, count: 512)
      bytes.store("EFI PART".utf8, at: 0)
      bytes.store(le: UInt32(0x0001_0000), at: 0x08)
      bytes.store(le: UInt32(92), at: 0x0C)
      bytes.store(le: UInt64(sector), at: 0x18)
      bytes.store(le: UInt64(sector == 1 ? last : 1), at: 0x20)
      bytes.store(le: UInt64(1 + GPTLayout.sectorCount), at: 0x28)
      bytes.store(le: UInt64(last - GPTLayout.sectorCount), at: 0x30)
      bytes.store(disk.guid, at: 0x38)
      bytes.store(le: UInt64(entries), at: 0x48)
      bytes.store(le: UInt32(GPTLayout.entryCount), at: 0x50)
      bytes.store(le: UInt32(GPTLayout.entrySize), at: 0x54)
      bytes.store(le: entriesChecksum, at: 0x58)
      bytes.store(le: CRC32.of(bytes.span.extracting(0..<92)), at: 0x10)
      return bytes
    }
  }
}
