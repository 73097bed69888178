import Bytes
import FileTree
import Testing

@testable import FAT

/// A short entry.
private func short(_ name: String, caseBits: UInt8 = 0, attributes: UInt8 = 0x20) -> [UInt8] {
  short(Array(name.utf8), caseBits: caseBits, attributes: attributes)
}

private func short(_ name: [UInt8], caseBits: UInt8 = 0, attributes: UInt8 = 0x20) -> [UInt8] {
  name + [attributes, caseBits] + [UInt8](repeating: 0, count: 19)
}

/// The entries of a long name for the short name `owner`.
private func long(_ units: [UInt16], for owner: String) -> [[UInt8]] {
  let count = (units.count + 12) / 13
  return (0..<count).reversed().map { part in
    var entry = [UInt8](repeating: 0, count: 32)
    entry[0] = UInt8(part + 1) | (part == count - 1 ? 0x40 : 0)
    entry[0x0B] = 0x0F
    entry[0x0D] = LongName.checksum(of: Array(owner.utf8).span)
    for (place, offset) in LongName.unitOffsets.enumerated() {
      let index = part * 13 + place
      entry.store(le: index < units.count ? units[index] : index == units.count ? 0 : 0xFFFF, at: offset)
    }
    return entry
  }
}

private func long(_ name: String, for owner: String) -> [[UInt8]] { long(Array(name.utf16), for: owner) }

private func names(_ entries: [[UInt8]]) -> [String] {
  var parser = DirectoryParser(entries.flatMap { $0 }, width: .fat16)
  var names: [String] = []
  while let entry = parser.next() {
    names.append((entry.isLabel ? "label " : "") + String(decoding: parser.name, as: UTF8.self))
  }
  return names
}

@Suite("Names in FAT directories")
struct DirectoryParserTests {
  @Test func `short names with their case bits`() {
    #expect(
      names([
        short("README  TXT"), short("CMDLINE TXT", caseBits: 0x18), short("KERNEL8 IMG", caseBits: 0x08),
        short("KERNEL8 IMG", caseBits: 0x10), short("OVERLAYS   ", caseBits: 0x08, attributes: 0x10),
        short("        EXT"), short("A B     C D"), short("bootfs     ", attributes: 8),
      ]) == [
        "README.TXT", "cmdline.txt", "kernel8.IMG", "KERNEL8.img", "overlays", ".EXT", "A B.C D", "label bootfs",
      ])
  }

  @Test func `letters of code page 437`() {
    // 0x80 Ç, 0x8E Ä, 0x99 Ö, 0xE2 Γ, whose lower case the code page lacks, 0xE8 Φ; 05 in front stands for E5 σ.
    let letters: [UInt8] = [0x80, 0x8E, 0x99, 0xE2, 0xE8, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20]
    let sigma = [0x05] + Array("          ".utf8)
    #expect(names([short(letters), short(letters, caseBits: 0x08), short(sigma)]) == ["ÇÄÖΓΦ", "çäöΓφ", "σ"])
    let all = (UInt8(0x80)...0xFF).map { CodePage437.unit(of: $0) }
    #expect(Set(all).count == 128)
  }

  @Test func `deleted entries, dots and what follows the end are passed over`() {
    let deleted = [0xE5] + short("OLD     TXT").dropFirst()
    #expect(
      names([
        short(".          ", attributes: 0x10), short("..         ", attributes: 0x10), deleted, short("A          "),
        short([UInt8](repeating: 0, count: 11)), short("B          "),
      ]) == ["A"])
  }

  @Test func `long names of all lengths`() {
    for count in [1, 12, 13, 14, 26, 255] {
      let name = String(repeating: "ö", count: count)
      #expect(names(long(name, for: "A~1        ") + [short("A~1        ")]) == [name])
    }
  }

  @Test func `a long name that does not belong to the entry after it is ignored`() {
    let three = long("twenty-seven units are here", for: "LONG~1     ")
    let own = short("LONG~1     ")
    #expect(names(three + [short("OTHER2     ")]) == ["OTHER2"])
    #expect(names([three[0], three[2], own]) == ["LONG~1"])
    #expect(names([three[1], three[2], own]) == ["LONG~1"])
    #expect(names([three[0], three[1], own]) == ["LONG~1"])
    #expect(names([three[1], three[0], three[2], own]) == ["LONG~1"])
    #expect(names(three + three + [own]) == ["twenty-seven units are here"])
    #expect(names([three[0], three[1]] + three + [own]) == ["twenty-seven units are here"])
    #expect(names(three + [own, own]) == ["twenty-seven units are here", "LONG~1"])
    let deleted = [0xE5] + own.dropFirst()
    #expect(names(three + [deleted, own]) == ["LONG~1"])
    let tooMany = [0x40 | 21] + three[0].dropFirst()
    #expect(names([tooMany, own]) == ["LONG~1"])
    let none = [0x40] + three[0].dropFirst()
    #expect(names([none, own]) == ["LONG~1"])
  }

  @Test func `single surrogates stay apart, and come back`() {
    let samples: [[UInt16]] = [[0xD83D, 0xDE00], [0xD83D], [0xDE00], [0xDE00, 0xD83D], [0xD83D, 0x41], [0xFFFD]]
    var seen: Set<[UInt8]> = []
    for units in samples {
      var bytes: [UInt8] = []
      LongName.appendUTF8(of: units, to: &bytes)
      #expect(seen.insert(bytes).inserted)
      #expect(LongName.units(ofUTF8: bytes) == units)
    }
    // Each of these has a proper spelling, or none.
    for bytes: [UInt8] in [
      [0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80], [0xC0, 0x80], [0xE0, 0x80, 0x80], [0xF0, 0x80, 0x80, 0x80], [0x80], [0xC3],
      [0xFF], [0xF4, 0x90, 0x80, 0x80],
    ] {
      #expect(LongName.units(ofUTF8: bytes) == nil)
    }
  }
}

@Suite("FAT times")
struct FATTimeTests {
  @Test func `every day there is comes back`() {
    for day in 3652..<50403 {
      let timestamp = Timestamp(seconds: Int64(day) * 86400 + Int64(day % 86400 & ~1))
      guard FATTime(timestamp).timestamp == timestamp else {
        Issue.record("day \(day) becomes \(FATTime(timestamp).timestamp)")
        return
      }
    }
  }

  @Test func `times outside of FAT's become the nearest`() {
    #expect(FATTime(Timestamp(seconds: 0)) == FATTime(date: 0x21))
    #expect(FATTime(Timestamp(seconds: -1 << 60, nanoseconds: 5)) == FATTime(date: 0x21))
    let last = FATTime(date: 127 << 9 | 12 << 5 | 31, time: 23 << 11 | 59 << 5 | 29, hundredths: 100)
    #expect(FATTime(Timestamp(seconds: 1 << 60, nanoseconds: 999_999_999)) == last)
  }

  @Test func `impossible dates are what Linux makes of them`() {
    #expect(FATTime(date: 0).timestamp.seconds == 315_532_800)
    // 31 February 1981 is 3 March.
    #expect(FATTime(date: 1 << 9 | 2 << 5 | 31).timestamp.seconds == 352_425_600)
    #expect(FATTime(date: 0xFFFF, time: 0xFFFF, hundredths: 255).timestamp.seconds > 0)
  }

  @Test func `hundredths are kept`() {
    let timestamp = Timestamp(seconds: 1_709_251_199, nanoseconds: 990_000_000)
    #expect(FATTime(timestamp).timestamp == timestamp)
  }
}
