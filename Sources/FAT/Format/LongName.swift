/// Long names are UTF-16, names in a tree UTF-8. A surrogate without its partner, which Windows and Linux let through,
/// is kept as three bytes (WTF-8), so that different names stay different and every name can be written back.
enum LongName {
  /// Appends the UTF-8 of `units` to `bytes`.
  static func appendUTF8(of units: some RandomAccessCollection<UInt16>, to bytes: inout [UInt8]) {
    var index = units.startIndex
    while index < units.endIndex {
      let unit = UInt32(units[index])
      units.formIndex(after: &index)
      var scalar = unit
      if (0xD800..<0xDC00).contains(unit), index < units.endIndex, (0xDC00..<0xE000).contains(units[index]) {
        scalar = 0x1_0000 + (unit & 0x3FF) << 10 + UInt32(units[index]) & 0x3FF
        units.formIndex(after: &index)
      }
      append(scalar, to: &bytes)
    }
  }

  private static func append(_ scalar: UInt32, to bytes: inout [UInt8]) {
    func tail(_ shift: UInt32) -> UInt8 { 0x80 | UInt8(scalar >> shift & 0x3F) }
    switch scalar {
    case ..<0x80: bytes.append(UInt8(scalar))
    case ..<0x800:
      bytes.append(0xC0 | UInt8(scalar >> 6))
      bytes.append(tail(0))
    case ..<0x1_0000:
      bytes.append(0xE0 | UInt8(scalar >> 12))
      bytes.append(tail(6))
      bytes.append(tail(0))
    default:
      bytes.append(0xF0 | UInt8(scalar >> 18))
      bytes.append(tail(12))
      bytes.append(tail(6))
      bytes.append(tail(0))
    }
  }

  /// The UTF-16 units of `bytes`; nil if they are neither UTF-8 nor what `appendUTF8` makes of single surrogates.
  static func units(ofUTF8 bytes: [UInt8]) -> [UInt16]? {
    var units: [UInt16] = []
    units.reserveCapacity(bytes.count)
    var rest = bytes[...]
    while let first = rest.popFirst() {
      let length: Int
      switch first {
      case ..<0x80: length = 0
      case 0xC2..<0xE0: length = 1
      case 0xE0..<0xF0: length = 2
      case 0xF0..<0xF5: length = 3
      default: return nil
      }
      var scalar = length == 0 ? UInt32(first) : UInt32(first) & (0x3F >> UInt32(length))
      for _ in 0..<length {
        guard let next = rest.popFirst(), next & 0xC0 == 0x80 else { return nil }
        scalar = scalar << 6 | UInt32(next & 0x3F)
      }
      switch (length, scalar) {
      // Longer than it need be, or no scalar at all.
      case (2, ..<0x800), (3, ..<0x1_0000), (3, 0x11_0000...): return nil
      case (3, _):
        units.append(UInt16(0xD800 + (scalar - 0x1_0000) >> 10))
        units.append(UInt16(0xDC00 + scalar & 0x3FF))
      default:
        let unit = UInt16(scalar)
        // Two surrogates that are a pair have one spelling, the one with four bytes.
        if let last = units.last, (0xD800..<0xDC00).contains(last), (0xDC00..<0xE000).contains(unit) { return nil }
        units.append(unit)
      }
    }
    return units
  }

  /// The checksum of a short name's 11 bytes, which ties long entries to their short one.
  static func checksum(of shortName: Span<UInt8>) -> UInt8 {
    var sum: UInt8 = 0
    for index in 0..<11 { sum = (sum >> 1 | sum << 7) &+ shortName[index] }
    return sum
  }

  /// The 13 places in a long entry where a UTF-16 unit lies.
  static let unitOffsets = [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30]
}
