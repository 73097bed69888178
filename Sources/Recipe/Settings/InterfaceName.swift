/// The name of a network interface, such as `eth0`.
package struct InterfaceName: Hashable, Sendable, CustomStringConvertible {
  /// The name as Linux has it.
  package let description: String

  /// nil if `text` is not 1 to 15 letters, digits, `.`, `_`, `-` or `@`: what Linux takes (IFNAMSIZ) and no file of a
  /// network manager has to quote.
  package init?(_ text: String) {
    guard (1...15).contains(text.utf8.count), text.consistsOfLettersDigits(and: "._-@"), text != ".", text != ".."
    else {
      return nil
    }
    description = text
  }
}

/// A domain in which names are looked up, such as `example.org`.
package struct SearchDomain: Hashable, Sendable, CustomStringConvertible {
  /// The domain without a dot at its end.
  package let description: String

  /// nil if `text` is not a name of DNS: labels of 1 to 63 letters, digits, `-` and `_`, 253 characters at most.
  package init?(_ text: String) {
    let name = text.hasSuffix(".") ? String(text.dropLast()) : text
    let labels = name.split(separator: ".", omittingEmptySubsequences: false)
    guard name.utf8.count <= 253, name.consistsOfLettersDigits(and: ".-_"),
      labels.allSatisfy({ (1...63).contains($0.utf8.count) && !$0.hasPrefix("-") && !$0.hasSuffix("-") })
    else { return nil }
    description = name
  }
}
