import Bytes

/// The first sector of a new disk. The Pi runs no boot code; other computers' tools want to see some (``BootCode``).
struct MBRLayout {
  /// An entry that is used.
  private struct Entry {
    let type: UInt8
    let first: UInt32
    let count: UInt32
  }

  /// The sector.
  let bytes: [UInt8]

  /// The record of `plan`: its partitions, or what protects its GPT.
  init(_ identity: DiskLayout.Identity, _ plan: DiskPlan) {
    switch plan.scheme {
    case .mbr:
      bytes = Self.record(identity.bootCode, signature: identity.signature, plan.placements.map(Self.entry))
    case .gpt:
      // A protective record has no signature (UEFI specification, table 5.4); its entry says 2^32 - 1 sectors where
      // the disk has more.
      let rest = Entry(type: 0xEE, first: 1, count: UInt32(clamping: plan.size / 512 - 1))
      bytes = Self.record(identity.bootCode, signature: 0, [rest])
    case .hybrid:
      // The boot ROM of older models takes the first entry only, so the boot partitions come before the one that
      // protects; Linux looks for that one anywhere, if it starts at sector 1 (is_pmbr_valid, block/partitions/efi.c).
      let boot = plan.placements.filter { $0.use == .boot }.prefix(3)
      let first = plan.placements.first?.firstSector ?? 0
      let table = Entry(type: 0xEE, first: 1, count: UInt32(clamping: first - 1))
      bytes = Self.record(identity.bootCode, signature: identity.signature, boot.map(Self.entry) + [table])
    }
  }

  /// The plan has made sure that 32 bits are enough for what is listed here.
  private static func entry(_ placement: DiskPlan.Placement) -> Entry {
    Entry(
      type: placement.use == .boot ? 0x0C : 0x83, first: UInt32(clamping: placement.firstSector),
      count: UInt32(clamping: placement.sectorCount))
  }

  private static func record(_ bootCode: BootCode, signature: UInt32, _ entries: [Entry]) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 512)
    bytes.store(bootCode.bytes, at: 0)
    bytes.store(le: signature, at: 0x1B8)
    for (index, entry) in entries.enumerated() {
      let place = 0x1BE + 16 * index
      bytes.store(chs(entry.first), at: place + 1)
      bytes[place + 4] = entry.type
      bytes.store(chs(entry.first + (entry.count - 1)), at: place + 5)
      bytes.store(le: entry.first, at: place + 8)
      bytes.store(le: entry.count, at: place + 12)
    }
    bytes.store(le: UInt16(0xAA55), at: 0x1FE)
    return bytes
  }

  /// The sector's address as cylinder, head and sector with 255 heads and 63 sectors; the last address there is for
  /// all that lie beyond it, as parted and sfdisk write it.
  private static func chs(_ sector: UInt32) -> [UInt8] {
    let (cylinder, rest) = sector.quotientAndRemainder(dividingBy: 255 * 63)
    guard cylinder < 1024 else { return [0xFE, 0xFF, 0xFF] }
    let (head, index) = rest.quotientAndRemainder(dividingBy: 63)
    return [UInt8(head), UInt8(index + 1) | UInt8(cylinder >> 8) << 6, UInt8(cylinder & 0xFF)]
  }
}
