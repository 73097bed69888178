import Bytes

/// The secret of which a fleet's ids, host keys and password salts are made.
package struct FleetSeed: Sendable, Hashable {
  /// The text, for the one place that derives keys from it.
  package let exposed: String
  /// Whether `pibake seed` made it, so that it has 128 bits of chance; else somebody chose it, and somebody may guess it.
  package let isMachineMade: Bool

  /// Why a text is no seed, without the text.
  package struct Problem: Error {
    package let message: String
  }

  /// What a seed of `pibake seed` begins with; 32 digits of chance and 8 that check them follow, in hexadecimal.
  private static let mark = "pibake1-"
  private static let chanceSize = 16
  private static let checkSize = 4
  private static let leastCharacters = 8

  /// The seed that `text` is.
  package init(_ text: String) throws(Problem) {
    // However a machine-made one was copied: with blanks, or in capitals, it would be another text, with other keys.
    let plain = text.trimmed.lowercased()
    isMachineMade = plain.hasPrefix(Self.mark)
    exposed = isMachineMade ? plain : text
    guard isMachineMade else {
      guard text.isLine, text.count >= Self.leastCharacters else {
        throw Problem(
          message: "expected one line of \(Self.leastCharacters) characters or more; `pibake seed` makes a seed")
      }
      return
    }
    let bytes = [UInt8](hex: plain.dropFirst(Self.mark.count))
    guard let bytes, bytes.count == Self.chanceSize + Self.checkSize,
      Array(bytes.suffix(Self.checkSize)) == Self.check(bytes.prefix(Self.chanceSize))
    else {
      throw Problem(message: "a digit is missing or wrong: expected the whole line that `pibake seed` printed")
    }
  }

  /// A new one, of 128 bits of chance.
  package static func random() -> String {
    var generator = SystemRandomNumberGenerator()
    let chance = (0..<chanceSize).map { _ in UInt8.random(in: 0...255, using: &generator) }
    return mark + (chance + check(chance[...])).hex
  }

  private static func check(_ chance: ArraySlice<UInt8>) -> [UInt8] {
    Array(SHA256.of(Array("pibake seed\0".utf8) + chance).bytes.prefix(checkSize))
  }

  package static func == (left: Self, right: Self) -> Bool { left.exposed == right.exposed }

  package func hash(into hasher: inout Hasher) { hasher.combine(exposed) }
}

extension FleetSeed: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// Not the content.
  package var description: String { "(secret)" }
  /// Not the content.
  package var debugDescription: String { description }
  /// Nothing: what dumps a value shows no content.
  package var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension String {
  /// The text without blanks before and after it.
  fileprivate var trimmed: Substring {
    self[...].drop { $0.isWhitespace }.dropLastWhile { $0.isWhitespace }
  }
}

extension Substring {
  fileprivate func dropLastWhile(_ isDropped: (Character) -> Bool) -> Substring {
    var rest = self
    while let last = rest.last, isDropped(last) { rest.removeLast() }
    return rest
  }
}
