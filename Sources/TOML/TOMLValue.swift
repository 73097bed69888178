/// A value of a TOML document, with its place.
package struct TOMLValue: Sendable {
  /// The eight kinds of TOML; arrays and tables hold values in turn, at most ``TOMLTable/nestingLimit`` deep.
  package enum Content: Sendable {
    case string(String)
    /// The radix (2, 8, 10 or 16) is how the document writes it: to some readers 0o644 and 420 are not the same.
    case integer(Int64, radix: Int)
    case float(Double)
    case boolean(Bool)
    case dateTime(TOMLDateTime)
    case array([TOMLValue])
    case table(TOMLTable)
  }
  /// The value itself.
  package let content: Content
  /// The value's place; of a table with a header, the header's; of a table implied by a longer key, that key's part.
  package let span: TOMLSpan

  /// What the value is, as a message says it: "a string", "an integer".
  package var kind: String {
    switch content {
    case .string: "a string"
    case .integer: "an integer"
    case .float: "a float"
    case .boolean: "a boolean"
    case .dateTime(let dateTime): dateTime.kind.rawValue
    case .array: "an array"
    case .table: "a table"
    }
  }
}

/// A date, a time, or both, checked but not computed with.
package struct TOMLDateTime: Sendable, Hashable {
  /// The four forms of TOML 1.0, as a message names them.
  package enum Kind: String, Sendable {
    case offsetDateTime = "an offset date-time"
    case localDateTime = "a local date-time"
    case localDate = "a local date"
    case localTime = "a local time"
  }
  /// Which of the four it is.
  package let kind: Kind
  /// As the document writes it.
  package let text: String
}
