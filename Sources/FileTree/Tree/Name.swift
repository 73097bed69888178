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
  package var escaped: String {
    var text: [UInt8] = []
    text.reserveCapacity(count)
    for byte in self { byte.appendEscaped(to: &text) }
    return String(decoding: text, as: UTF8.self)
  }
}

extension UInt8 {
  /// Appends the byte as `escaped` writes it.
  package func appendEscaped(to text: inout [UInt8]) {
    guard !(0x20...0x7E).contains(self) || self == 0x25 || self == 0x22 || self == 0x5C else {
      return text.append(self)
    }
    let digits: StaticString = "0123456789ABCDEF"
    text.append(0x25)
    for nibble in [self >> 4, self & 15] {
      unsafe text.append(digits.utf8Start[Int(nibble)])
    }
  }
}
