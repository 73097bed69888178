import Bytes

/// The secret from which a fleet's ids, host keys and password salts are derived.
package struct FleetSeed: Sendable, Hashable {
  /// The text.
  package let text: Secret

  /// Why a text is no seed, without the text.
  package struct Problem: Error {
    package let message: String
  }

  /// What a seed of `pibake seed` begins with; 32 random digits and 8 that check them follow, in hexadecimal.
  private static let mark = "pibake1-"
  private static let randomSize = 16
  private static let checkSize = 4
  private static let leastCharacters = 8

  /// The seed that `text` is.
  package init(_ text: String) throws(Problem) {
    // However a machine-made one was copied: with blanks, or in capitals, it would be another text, with other keys.
    let plain = text.trimmed.lowercased()
    guard plain.hasPrefix(Self.mark) else {
      guard text.isLine, text.count >= Self.leastCharacters else {
        throw Problem(
          message: "expected one line of \(Self.leastCharacters) characters or more; `pibake seed` makes a seed")
      }
      self.text = Secret(text)
      return
    }
    let bytes = [UInt8](hex: plain.dropFirst(Self.mark.count))
    guard let bytes, bytes.count == Self.randomSize + Self.checkSize,
      Array(bytes.suffix(Self.checkSize)) == Self.check(bytes.prefix(Self.randomSize))
    else {
      throw Problem(message: "a digit is missing or wrong: expected the whole line that `pibake seed` printed")
    }
    self.text = Secret(plain)
  }

  /// Whether `pibake seed` made it, so that it has 128 random bits; else somebody chose it, and somebody may guess it.
  package var isMachineMade: Bool { text.exposed.hasPrefix(Self.mark) }

  /// A new one, of 128 random bits.
  package static func random() -> String {
    var generator = SystemRandomNumberGenerator()
    let random = (0..<randomSize).map { _ in UInt8.random(in: 0...255, using: &generator) }
    return mark + (random + check(random[...])).hex
  }

  private static func check(_ random: ArraySlice<UInt8>) -> [UInt8] {
    Array(SHA256.of(Array("pibake seed\0".utf8) + random).bytes.prefix(checkSize))
  }
}
