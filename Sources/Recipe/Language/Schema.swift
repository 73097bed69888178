/// What a value may be, as JSON Schema says it (draft 2020-12); a form says more, and its messages say it better.
package enum Schema: Sendable, Equatable {
  /// A text; `pattern` is a regular expression of ECMA-262 for the whole of it.
  case text(pattern: String? = nil, mostCharacters: Int? = nil)
  /// One of a few texts.
  case choice([String])
  /// A whole number.
  case integer(ClosedRange<Int>)
  /// true or false.
  case boolean
  /// true alone: without the key it is false.
  case onlyTrue
  /// An array of texts.
  case words
  /// A number of 1.
  case one
  /// Any of several.
  case any([Schema])
}

extension Schema {
  /// What the value may be, in a few words.
  package var words: String {
    switch self {
    case .text: "a string"
    case .choice(let words):
      (words.dropLast().map { "\"\($0)\"" }.joined(separator: ", ") + (words.count > 1 ? " or " : ""))
        + (words.last.map { "\"\($0)\"" } ?? "")
    case .integer(let range): "a number from \(range.lowerBound) to \(range.upperBound)"
    case .boolean: "true or false"
    case .onlyTrue: "true"
    case .words: "an array of strings"
    case .one: "1"
    case .any(let schemas): schemas.map(\.words).joined(separator: ", or ")
    }
  }
}
