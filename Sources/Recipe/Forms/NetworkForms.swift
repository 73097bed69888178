extension Form<String> {
  /// An IPv4 address in dotted form.
  static var ipv4Address: Form { text("an IPv4 address") { IPv4.address($0) != nil } }

  /// An IPv4 subnet in CIDR form.
  static var ipv4Subnet: Form { text("an IPv4 subnet such as \"192.168.7.0/24\"") { IPv4.subnet($0) != nil } }

  /// A folder of the server. dnsmasq and exports(5) part words by blanks.
  static var serverFolder: Form {
    text("an absolute path without blanks, '.' and '..'") { $0.isNormalizedAbsolutePath && !$0.contains(" ") }
  }

  /// A network interface of Linux (IFNAMSIZ: 15 bytes).
  static var networkInterface: Form {
    text("the name of a network interface") {
      (1...15).contains($0.utf8.count) && $0.consistsOfLettersDigits(and: "._-@") && $0 != "." && $0 != ".."
    }
  }
}

/// IPv4 in text.
enum IPv4 {
  /// The number that four dotted numbers make; nil if `text` is not that.
  static func address(_ text: some StringProtocol) -> UInt32? {
    let groups = text.split(separator: ".", omittingEmptySubsequences: false)
    guard groups.count == 4 else { return nil }
    var value: UInt32 = 0
    for group in groups {
      // A leading zero means octal to some readers.
      let isPlain = group.utf8.allSatisfy { (0x30...0x39).contains($0) } && (group.count == 1 || group.first != "0")
      guard isPlain, let number = UInt8(group) else { return nil }
      value = value << 8 | UInt32(number)
    }
    return value
  }

  /// The first address and the prefix length of a subnet; nil if `text` is none, or its address has bits after the prefix.
  static func subnet(_ text: String) -> (base: UInt32, length: Int)? {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let base = address(parts[0]), let length = Int(parts[1]), "\(length)" == parts[1],
      (1...30).contains(length), base & (UInt32.max >> length) == 0
    else { return nil }
    return (base, length)
  }
}
