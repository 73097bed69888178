import Bytes
import FileTree

/// The attribute byte of an entry, beyond what belongs to a file.
enum EntryAttribute {
  static let label: UInt8 = 0x08
  static let folder: UInt8 = 0x10
  /// All four low bits together: a part of a long name.
  static let longName: UInt8 = 0x0F
}

/// An entry of a directory for a file, a folder or the label, without its name.
struct DirectoryEntry {
  let attributes: UInt8
  let firstCluster: UInt32
  let size: Int
  let created: FATTime
  let accessed: FATTime
  let modified: FATTime

  /// The fields of the 32 bytes of a short entry (fatgen103, "FAT Directory Structure").
  init(parsing bytes: Span<UInt8>, width: FATWidth) {
    attributes = bytes[0x0B]
    // FAT12 and FAT16 have other uses for the upper half.
    let DIR_FstClusHI: UInt16 = width == .fat32 ? bytes.le(0x14) : 0
    firstCluster = UInt32(DIR_FstClusHI) << 16 | UInt32(bytes.le(0x1A, as: UInt16.self))
    size = Int(bytes.le(0x1C, as: UInt32.self))
    created = FATTime(date: bytes.le(0x10), time: bytes.le(0x0E), hundredths: bytes[0x0D])
    accessed = FATTime(date: bytes.le(0x12))
    modified = FATTime(date: bytes.le(0x18), time: bytes.le(0x16))
  }

  var isLabel: Bool { attributes & EntryAttribute.label != 0 }
  var isFolder: Bool { attributes & EntryAttribute.folder != 0 }
}

/// Goes through the entries of one directory, first to last, and puts long names together.
///
/// Long entries that do not belong to the short entry after them are passed over, as Linux does (fat_parse_long in
/// fs/fat/dir.c): programs that do not know long names leave them behind.
struct DirectoryParser {
  private let bytes: [UInt8]
  private let width: FATWidth
  private var offset = 0
  /// The units of the long name so far; `missing` entries of it are still to come.
  private var units = [UInt16](repeating: 0, count: 20 * 13)
  private var unitCount = 0
  private var missing = 0
  private var checksum: UInt8 = 0
  /// How many long entries came since the last short one.
  private var pending = 0

  /// The name of the entry last returned, as UTF-8; the same storage for all.
  private(set) var name: [UInt8] = []
  /// The place of that entry: which one it is in its directory.
  var index: Int { offset / 32 - 1 }
  /// What was passed over so far.
  private(set) var oddities = DirectoryOddities()

  /// A parser of a whole directory, whose size is a multiple of 32.
  init(_ bytes: [UInt8], width: FATWidth) {
    self.bytes = bytes
    self.width = width
    name.reserveCapacity(3 * units.count)
  }

  /// The next entry; nil after the last.
  ///
  /// Unused and deleted entries, `.`, `..` and entries without any name are not among them.
  mutating func next() -> DirectoryEntry? {
    let bytes = bytes
    while offset + 32 <= bytes.count {
      let entry = bytes.span.extracting(offset..<offset + 32)
      offset += 32
      switch (entry[0], entry[0x0B]) {
      case (0, _):
        dropLong()
        oddities.behindEnd = Self.liveCount(bytes.span.extracting(offset..<bytes.count))
        offset = bytes.count
        return nil
      case (0xE5, _):
        dropLong()
      case (_, EntryAttribute.longName):
        takeLong(entry)
      default:
        let found = DirectoryEntry(parsing: entry, width: width)
        setName(entry, isLabel: found.isLabel)
        dropLong()
        if !name.isEmpty { return found }
      }
    }
    dropLong()
    return nil
  }

  /// How many entries Linux would show of those after the end mark, which it does not know.
  private static func liveCount(_ rest: Span<UInt8>) -> Int {
    guard !rest.isZero else { return 0 }
    var count = 0
    for start in stride(from: 0, to: rest.count - 31, by: 32)
    where rest[start] != 0 && rest[start] != 0xE5 && rest[start + 0x0B] & EntryAttribute.label == 0 {
      count += 1
    }
    return count
  }

  /// Gives up what there is of a long name.
  private mutating func dropLong() {
    oddities.orphans += pending
    pending = 0
    unitCount = 0
  }

  /// Takes in one of up to 20 entries of a long name; the last part of the name comes first.
  private mutating func takeLong(_ entry: Span<UInt8>) {
    let LDIR_Ord = Int(entry[0])
    let LDIR_Chksum = entry[0x0D]
    if LDIR_Ord & 0x40 != 0 {
      dropLong()
      let count = LDIR_Ord & ~0x40
      unitCount = (1...20).contains(count) ? count * 13 : 0
      missing = count
      checksum = LDIR_Chksum
    } else if LDIR_Ord != missing || LDIR_Chksum != checksum {
      unitCount = 0
    }
    pending += 1
    guard unitCount > 0, missing > 0 else { return dropLong() }
    missing -= 1
    for (place, unit) in LongName.unitOffsets.enumerated() { units[missing * 13 + place] = entry.le(unit) }
  }

  /// Sets `name` to the long name, if a whole one that belongs to the short `entry` came before, or to the short one.
  private mutating func setName(_ entry: Span<UInt8>, isLabel: Bool) {
    name.removeAll(keepingCapacity: true)
    if isLabel {
      // A label has eleven characters without a dot, whatever their case.
      appendShort(entry.extracting(0..<11), isLower: false)
      return
    }
    // The entries of a folder for itself and its parent.
    if DotEntries.isDot(entry) || DotEntries.isDotDot(entry) {
      if index > 1 { oddities.dots += 1 }
      return
    }
    if unitCount > 0, missing == 0, LongName.checksum(of: entry) == checksum {
      let units = units[..<unitCount]
      LongName.appendUTF8(of: units[..<(units.firstIndex(of: 0) ?? unitCount)], to: &name)
      if !name.isEmpty {
        pending = 0
        return
      }
    }
    let DIR_NTRes = entry[0x0C]
    appendShort(entry.extracting(0..<8), isLower: DIR_NTRes & 0x08 != 0)
    let base = name.count
    name.append(0x2E)
    appendShort(entry.extracting(8..<11), isLower: DIR_NTRes & 0x10 != 0)
    if name.count == base + 1 { name.removeLast() }
    if name.isEmpty { oddities.nameless += 1 }
  }

  /// Appends a part of a short name without the spaces at its end.
  private mutating func appendShort(_ part: Span<UInt8>, isLower: Bool) {
    var end = part.count
    while end > 0, part[end - 1] == 0x20 { end -= 1 }
    for index in 0..<end {
      guard part[index] != 0 else { return }
      // E5 marks deleted entries, so 05 stands in for it.
      let byte = index == 0 && name.isEmpty && part[index] == 0x05 ? 0xE5 : part[index]
      let unit = isLower ? CodePage437.lowercaseUnit(of: byte) : CodePage437.unit(of: byte)
      LongName.appendUTF8(of: CollectionOfOne(unit), to: &name)
    }
  }
}
