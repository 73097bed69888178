/// A UUID, as RFC 9562 numbers its bytes.
package struct UUID: Hashable, Sendable, CustomStringConvertible {
  private let high: UInt64
  private let low: UInt64

  /// The UUID of 16 bytes, first to last; any other count traps.
  package init(bytes: Span<UInt8>) {
    precondition(bytes.count == 16)
    high = bytes.be(0)
    low = bytes.be(8)
  }

  /// The name-based UUID, version 5 (RFC 9562, section 5.5): the same name in the same namespace gives the same UUID.
  package init(name: String, in namespace: UUID) {
    let message = namespace.bytes + Array(name.utf8)
    guard var hash = Libcrypto.sha1(message) else { Libcrypto.stop("SHA-1") }
    hash[6] = hash[6] & 0x0F | 0x50
    hash[8] = hash[8] & 0x3F | 0x80
    self.init(bytes: hash.span.extracting(0..<16))
  }

  /// The namespace under which pibake derives all its names: the version 5 UUID of "pibake" in RFC 9562's DNS namespace.
  package static let pibake = UUID(
    name: "pibake", in: UUID(high: 0x6ba7_b810_9dad_11d1, low: 0x80b4_00c0_4fd4_30c8))

  private init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// The 16 bytes, first to last.
  package var bytes: [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 16)
    bytes.store(be: high, at: 0)
    bytes.store(be: low, at: 8)
    return bytes
  }

  /// The form 8-4-4-4-12 in lower case.
  package var description: String {
    let hex = Array(bytes.hex)
    return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(hex[$0]) }.joined(separator: "-")
  }
}
