import Bytes

/// The first place where a document is not TOML 1.0, and why.
package struct TOMLError: Failure {
  /// Where.
  package let position: TOMLPosition
  /// Why, without the place.
  package let message: String

  package var kind: FailureKind { .usage }
  /// `line:column: message`
  package var description: String { "\(position): \(message)" }
}

extension String {
  /// The text as a message may show it: on one line, and without what would steer a terminal.
  package var printable: String {
    let scalars = unicodeScalars.prefix(81)
    let text = scalars.prefix(80).map { scalar in
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator: "\\u{\(String(scalar.value, radix: 16))}"
      default: String(Character(scalar))
      }
    }
    return text.joined() + (scalars.count > 80 ? "…" : "")
  }
}
