import Glibc

/// An IPv4 or IPv6 address, without a scope.
package struct IPAddress: Hashable, Sendable, CustomStringConvertible {
  /// The version of the protocol.
  package enum Family: Sendable {
    case v4
    case v6
  }
  /// The bytes in network order: 4 or 16.
  package let bytes: [UInt8]

  /// The address that `text` spells: four decimal numbers without leading zeros, or a form of RFC 4291, section 2.2.
  /// nil if it spells none; a scope (`%eth0`) is none.
  package init?(_ text: String) {
    if let value = IPv4.address(text) {
      bytes = (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }
      return
    }
    var parsed = [UInt8](repeating: 0, count: 16)
    // A NUL would end the text early.
    guard text.contains(":"), !text.utf8.contains(0), unsafe inet_pton(AF_INET6, text, &parsed) == 1 else { return nil }
    bytes = parsed
  }

  fileprivate init(bytes: [UInt8]) { self.bytes = bytes }

  /// The version of the protocol.
  package var family: Family { bytes.count == 4 ? .v4 : .v6 }

  /// Whether a host may have the address: it is neither all zeros nor a multicast or, in IPv4, the broadcast address.
  package var isHost: Bool {
    let isZero = bytes.allSatisfy { $0 == 0 }
    return !isZero && (family == .v4 ? bytes[0] < 0xE0 : bytes[0] != 0xFF)
  }

  /// Whether the address is of fe80::/10, which every link has for itself.
  package var isLinkLocal: Bool { family == .v6 && bytes[0] == 0xFE && bytes[1] & 0xC0 == 0x80 }

  /// The form that all readers take: dotted numbers, or hexadecimal groups with the longest run of zeros left out.
  package var description: String {
    guard family == .v6 else { return bytes.map { "\($0)" }.joined(separator: ".") }
    var text = [CChar](repeating: 0, count: 46)
    // It fails only if the text does not fit, and 46 characters hold every address.
    _ = unsafe inet_ntop(AF_INET6, bytes, &text, socklen_t(text.count))
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

/// An address with the length of its network's prefix, such as `192.168.7.5/24`: that of an interface, or a destination.
package struct NetworkAddress: Hashable, Sendable, CustomStringConvertible {
  /// The address.
  package let address: IPAddress
  /// How many of its first bits name the network: 32 at most in IPv4, 128 in IPv6.
  package let prefixLength: Int

  /// nil if `text` is not an address, a slash and a decimal number of bits that the address has.
  package init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let address = IPAddress(String(parts[0])), let length = Int(parts[1]),
      "\(length)" == parts[1],
      (0...address.bytes.count * 8).contains(length)
    else { return nil }
    self.address = address
    prefixLength = length
  }

  /// The address with all bits after the prefix set to `bit`.
  private func filled(with bit: Bool) -> IPAddress {
    IPAddress(
      bytes: address.bytes.enumerated().map { index, byte in
        let kept = min(max(prefixLength - index * 8, 0), 8)
        let mask = UInt8(truncatingIfNeeded: 0xFF00 >> kept)
        return bit ? byte | ~mask : byte & mask
      })
  }

  /// Whether the address is that of the network itself: no bit after the prefix is set.
  package var isNetwork: Bool { filled(with: false) == address }

  /// Whether an interface may have it: a host's address that is neither the network's own nor, in IPv4, its broadcast.
  /// Networks of one or two addresses have neither (RFC 3021, RFC 6164).
  package var isHost: Bool {
    guard address.isHost, prefixLength > 0 else { return false }
    if prefixLength >= address.bytes.count * 8 - 1 { return true }
    return !isNetwork && (address.family == .v6 || filled(with: true) != address)
  }

  /// Whether `other` is of the same network.
  package func contains(_ other: IPAddress) -> Bool {
    guard other.family == address.family else { return false }
    return zip(filled(with: false).bytes, filled(with: true).bytes).enumerated().allSatisfy { index, bounds in
      let mask = ~(bounds.0 ^ bounds.1)
      return other.bytes[index] & mask == bounds.0
    }
  }

  /// The address, a slash, and the length.
  package var description: String { "\(address)/\(prefixLength)" }
}
