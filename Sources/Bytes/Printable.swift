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
