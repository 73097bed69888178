import FileTree

/// A name of eight and three characters, as every entry has one.
struct ShortName: Hashable {
  /// Eight bytes and three, each filled up with spaces.
  let bytes: [UInt8]

  init(base: [UInt8], suffix: [UInt8]) {
    bytes =
      base + [UInt8](repeating: 0x20, count: 8 - base.count) + suffix
      + [UInt8](repeating: 0x20, count: 3 - suffix.count)
  }

  /// Whether short names may have the character, which is in upper case (fatgen103, "Short Directory Entries").
  static func isAllowed(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A: true
    // ! # $ % & ' ( ) - @ ^ _ ` { } ~
    case 0x21, 0x23...0x29, 0x2D, 0x40, 0x5E...0x60, 0x7B, 0x7D, 0x7E: true
    default: false
    }
  }

  /// The part before the last dot and the part after it; a dot in front of a name does not count.
  static func split(_ units: [UInt16]) -> (base: ArraySlice<UInt16>, suffix: ArraySlice<UInt16>) {
    guard let dot = units.lastIndex(of: 0x2E), dot > 0 else { return (units[...], []) }
    return (units[..<dot], units[(dot + 1)...])
  }
}

extension ShortName {
  /// A short name that is the whole name.
  struct Exact {
    let name: ShortName
    /// The bits of byte 0x0C that say which part is in lower case (Windows NT's, Linux's and mtools').
    let caseBits: UInt8
    /// Whether a long name is needed all the same, since a part mixes upper and lower case.
    let isMixed: Bool

    /// nil if `units` are not eight and three allowed characters at most.
    init?(_ units: [UInt16]) {
      let (base, suffix) = ShortName.split(units)
      guard (1...8).contains(base.count), suffix.count <= 3, units.last != 0x2E, let base = Part(base),
        let suffix = Part(suffix)
      else { return nil }
      name = ShortName(base: base.upper, suffix: suffix.upper)
      isMixed = base.hasLower && base.hasUpper || suffix.hasLower && suffix.hasUpper
      caseBits = isMixed ? 0 : (base.hasLower ? 0x08 : 0) | (suffix.hasLower ? 0x10 : 0)
    }
  }

  private struct Part {
    var upper: [UInt8] = []
    var hasLower = false
    var hasUpper = false

    init?(_ units: ArraySlice<UInt16>) {
      for unit in units {
        guard unit < 0x80 else { return nil }
        let byte = UInt8(unit).uppercasedASCII
        guard isAllowed(byte) else { return nil }
        if byte != UInt8(unit) { hasLower = true } else if (0x41...0x5A).contains(byte) { hasUpper = true }
        upper.append(byte)
      }
    }
  }
}

/// Gives out the short names of one folder to names that need a number: `LONGNA~1.TXT`.
struct ShortNames {
  private var used: Set<ShortName> = []
  /// The next number to try with a beginning and a suffix, for each count of digits.
  private var next: [ShortName: Int] = [:]

  /// Marks a name as used.
  mutating func take(_ name: ShortName) { used.insert(name) }

  /// A name that was not used, with the lowest number that is left for it.
  mutating func numbered(_ units: [UInt16]) -> ShortName {
    let (base, suffix) = ShortName.split(units)
    let start = clean(base, limit: 8)
    let end = clean(suffix, limit: 3)
    var low = 1
    // A folder has less than 65,536 names, so six digits are always enough.
    for digits in 1...6 {
      let beginning = Array((start.isEmpty ? [0x5F] : start).prefix(7 - digits))
      let key = ShortName(base: beginning + [0x7E], suffix: end)
      var number = max(next[key] ?? low, low)
      while number < low * 10 {
        let name = ShortName(base: beginning + [0x7E] + Array(String(number).utf8), suffix: end)
        number += 1
        if used.insert(name).inserted {
          next[key] = number
          return name
        }
      }
      next[key] = number
      low *= 10
    }
    preconditionFailure("a folder has fewer names than there are numbers")
  }

  /// The allowed characters in upper case; others become `_`, spaces and dots vanish.
  private func clean(_ units: ArraySlice<UInt16>, limit: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    for unit in units where unit != 0x20 && unit != 0x2E && bytes.count < limit {
      let byte = unit < 0x80 ? UInt8(unit).uppercasedASCII : 0x5F
      bytes.append(ShortName.isAllowed(byte) ? byte : 0x5F)
    }
    return bytes
  }
}
