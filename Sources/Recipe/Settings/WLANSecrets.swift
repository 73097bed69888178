import Bytes

/// The name of a wireless network: 1 to 32 bytes of any kind (IEEE 802.11).
package struct SSID: Hashable, Sendable, CustomStringConvertible {
  /// The bytes as they are on the air.
  package let bytes: [UInt8]

  /// nil if there are not 1 to 32 bytes.
  package init?(_ bytes: [UInt8]) {
    guard (1...32).contains(bytes.count) else { return nil }
    self.bytes = bytes
  }

  /// nil if `text` is not 1 to 32 bytes of UTF-8.
  package init?(_ text: String) { self.init(Array(text.utf8)) }

  /// The name as text; nil if it is not UTF-8 or holds control characters.
  package var text: String? {
    guard let text = String(validating: bytes, as: UTF8.self), text.isLine else { return nil }
    return text
  }

  /// The name as a message may show it: the text, or hexadecimal digits.
  package var description: String { text?.printable ?? "0x\(bytes.hex)" }
}

/// A passphrase of WPA: 8 to 63 printable ASCII characters (IEEE 802.11, annex J.4).
package struct Passphrase: Sendable {
  /// The text, for the files that need it.
  package let secret: Secret

  /// nil if `secret` is not 8 to 63 printable ASCII characters.
  package init?(_ secret: Secret) {
    let text = secret.exposed.utf8
    guard (8...63).contains(text.count), text.allSatisfy({ (0x20...0x7E).contains($0) }) else { return nil }
    self.secret = secret
  }

  /// The key of WPA2 for the network called `ssid`.
  package func preSharedKey(for ssid: SSID) -> PreSharedKey {
    PreSharedKey(key: KeyDerivation.pbkdf2(Array(secret.exposed.utf8), salt: ssid.bytes, rounds: 4096, count: 32))
  }
}

/// A shared key of WPA2: 256 bits.
package struct PreSharedKey: Sendable {
  /// 64 lower-case hexadecimal digits.
  package let secret: Secret

  /// nil if `secret` is not 64 hexadecimal digits.
  package init?(_ secret: Secret) {
    let text = secret.exposed
    guard text.utf8.count == 64, text.allSatisfy({ $0.isASCII && $0.isHexDigit }) else { return nil }
    self.secret = Secret(text.lowercased())
  }

  fileprivate init(key: [UInt8]) { secret = Secret(key.hex) }
}

/// A country whose rules for radio apply: two letters of ISO 3166-1.
package struct CountryCode: Hashable, Sendable, CustomStringConvertible {
  /// Upper-case letters.
  package let description: String

  /// nil if `text` is not two ASCII letters.
  package init?(_ text: String) {
    guard text.utf8.count == 2, text.allSatisfy({ $0.isASCII && $0.isLetter }) else { return nil }
    description = text.uppercased()
  }
}
