import Bytes

/// A name in a directory: bytes, as file systems keep them; text only where a person reads it.
package struct Name: Hashable, Sendable {
  /// One to 255 bytes, none of them `/` or NUL; not `.` or `..`.
  package let bytes: [UInt8]

  /// nil if `bytes` cannot be a name.
  package init?(_ bytes: some Collection<UInt8>) {
    guard Name.isValid(bytes) else { return nil }
    self.bytes = Array(bytes)
  }

  /// Whether `bytes` can be a name: not empty, not `.` or `..`, at most 255 bytes, no `/` and no NUL.
  package static func isValid(_ bytes: some Collection<UInt8>) -> Bool {
    guard (1...255).contains(bytes.count), !bytes.contains(0x2F), !bytes.contains(0) else { return false }
    return !(bytes.count <= 2 && bytes.allSatisfy { $0 == 0x2E })
  }
}

extension Name: Comparable {
  package static func < (left: Name, right: Name) -> Bool { left.bytes.lexicographicallyPrecedes(right.bytes) }
}

extension Name: CustomStringConvertible {
  package var description: String { bytes.escaped }
}

extension Collection<UInt8> {
  /// The bytes as printable ASCII: what lies outside 0x20–0x7E, and `%`, `"` and `\`, becomes %XX in upper case.
  @inlinable package var escaped: String {
    var text: [UInt8] = []
    text.append(escaping: self)
    return String(decoding: text, as: UTF8.self)
  }
}

extension [UInt8] {
  /// Appends `bytes` as `escaped` writes them.
  @inlinable package mutating func append(escaping bytes: some Collection<UInt8>) {
    // Most names need no escape, and go as a whole.
    if bytes.allSatisfy(\.isPlain) { return append(contentsOf: bytes) }
    for byte in bytes {
      if byte.isPlain { append(byte) } else { append(contentsOf: [0x25, (byte >> 4).hexDigit, (byte & 15).hexDigit]) }
    }
  }
}

extension UInt8 {
  /// Whether `escaped` leaves the byte as it is.
  @inlinable package var isPlain: Bool {
    self >= 0x20 && self <= 0x7E && self != 0x25 && self != 0x22 && self != 0x5C
  }

  /// The digit of a number below 16, in upper case.
  @inlinable package var hexDigit: UInt8 { self < 10 ? 0x30 + self : 0x37 + self }
}
