/// A host name of one label: letters, digits and inner hyphens, at most 63 (RFC 1123, section 2.1).
package struct HostName: Hashable, Sendable, CustomStringConvertible {
  /// The name as written.
  package let description: String

  /// nil if `text` is not a host name.
  package init?(_ text: String) {
    let isPlain = text.unicodeScalars.allSatisfy { scalar in
      switch scalar {
      case "A"..."Z", "a"..."z", "0"..."9", "-": true
      default: false
      }
    }
    guard isPlain, (1...63).contains(text.utf8.count), !text.hasPrefix("-"), !text.hasSuffix("-") else { return nil }
    description = text
  }
}

/// A 48-bit hardware address.
package struct MACAddress: Hashable, Sendable, CustomStringConvertible {
  /// Six groups of two lower-case digits with colons between.
  package let description: String

  /// nil if `text` is not six two-digit hexadecimal groups joined by `:` or by `-`.
  package init?(_ text: String) {
    let lower = text.lowercased()
    let groups = lower.split(separator: lower.contains("-") ? "-" : ":", omittingEmptySubsequences: false)
    guard groups.count == 6, groups.allSatisfy({ $0.utf8.count == 2 && $0.allSatisfy(\.isHexDigit) }) else {
      return nil
    }
    description = groups.joined(separator: ":")
  }

  /// The folder under the TFTP root where the node's firmware looks: with hyphens.
  package var tftpFolder: String { String(description.map { $0 == ":" ? "-" : $0 }) }
}

/// The 32-bit signature of an MBR, from which PARTUUIDs are made. Never zero: Linux takes that as none.
package struct DiskID: Hashable, Sendable, CustomStringConvertible {
  /// The number at byte 440 of the disk.
  package let value: UInt32

  /// nil for zero.
  package init?(_ value: UInt32) {
    guard value != 0 else { return nil }
    self.value = value
  }

  /// nil if `text` is not eight hexadecimal digits, with or without `0x` before them, or is zero.
  package init?(_ text: String) {
    let digits = text.hasPrefix("0x") ? text.dropFirst(2) : text[...]
    guard digits.utf8.count == 8, digits.allSatisfy(\.isHexDigit), let value = UInt32(digits, radix: 16) else {
      return nil
    }
    self.init(value)
  }

  /// Eight lower-case hexadecimal digits.
  package var description: String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }

  /// The name that Linux gives to partition `number` of the disk.
  package func partitionUUID(_ number: Int) -> String {
    "\(self)-\(number < 10 ? "0" : "")\(number)"
  }
}
