/// Base64 with the alphabet and the padding of RFC 4648, section 4.
extension [UInt8] {
  private static let base64Alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// The bytes in base64, as ASCII.
  package var base64: [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity((count + 2) / 3 * 4)
    appendBase64(to: &text)
    return text
  }

  /// Appends the bytes in base64 to `text`, as ASCII.
  package func appendBase64(to text: inout [UInt8]) {
    for start in stride(from: 0, to: count, by: 3) {
      let group = self[start..<Swift.min(start + 3, count)]
      let bits = group.reduce(0) { $0 << 8 | UInt32($1) } << (8 * UInt32(3 - group.count))
      for place in 0..<4 {
        let digit = Int(bits >> (18 - 6 * UInt32(place)) & 63)
        text.append(place <= group.count ? Self.base64Alphabet[digit] : UInt8(ascii: "="))
      }
    }
  }

  /// The bytes that `text` encodes; nil if it has another character, a wrong length or padding, or a bit set that
  /// belongs to no byte.
  ///
  /// No initializer: `map(Array.init)` would have two to choose from.
  package static func decoding(base64 text: some BidirectionalCollection<UInt8>) -> [UInt8]? {
    let padding = text.reversed().prefix { $0 == UInt8(ascii: "=") }.count
    guard text.count.isMultiple(of: 4), padding <= 2 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count / 4 * 3)
    var bits = 0
    var value = 0
    for character in text.dropLast(padding) {
      guard let digit = Self.base64Digit(character) else { return nil }
      value = (value << 6 | digit) & 0xFFFF
      bits += 6
      guard bits >= 8 else { continue }
      bits -= 8
      bytes.append(UInt8(value >> bits & 0xFF))
    }
    guard bits == padding * 2, value & (1 << bits - 1) == 0 else { return nil }
    return bytes
  }

  private static func base64Digit(_ character: UInt8) -> Int? {
    switch character {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): Int(character) - 65
    case UInt8(ascii: "a")...UInt8(ascii: "z"): Int(character) - 97 + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(character) - 48 + 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
  }
}
