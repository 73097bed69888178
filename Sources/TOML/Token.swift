import Bytes

/// A value without quotes, and the place up to which it is read.
struct Token {
  private let scalars: [Unicode.Scalar]
  private var offset = 0

  init(_ scalars: some Sequence<Unicode.Scalar>) { self.scalars = Array(scalars) }

  var text: String { String(scalars) }
  var count: Int { scalars.count }
  var isAtEnd: Bool { offset == scalars.count }
  var current: Unicode.Scalar? { peek(0) }

  /// The scalar `distance` after the current one; nil after the end.
  func peek(_ distance: Int) -> Unicode.Scalar? {
    distance < scalars.count - offset ? scalars[offset + distance] : nil
  }

  /// Takes the current scalar if it is one of `choice`.
  mutating func take(_ choice: Unicode.Scalar...) -> Unicode.Scalar? {
    guard let scalar = current, choice.contains(scalar) else { return nil }
    offset += 1
    return scalar
  }

  /// Takes the current scalar if it is a digit of `radix`.
  mutating func takeDigit(radix: Int) -> Unicode.Scalar? {
    guard let scalar = current, scalar.digit(radix: radix) != nil else { return nil }
    offset += 1
    return scalar
  }

  /// The boolean, number, date or time that the token is.
  mutating func scalar() throws(Problem) -> TOMLValue.Content {
    switch text {
    case "true": return .boolean(true)
    case "false": return .boolean(false)
    case "inf", "+inf": return .float(.infinity)
    case "-inf": return .float(-.infinity)
    case "nan", "+nan", "-nan": return .float(.nan)
    default: break
    }
    if looksLikeDate || looksLikeTime {
      guard let dateTime = dateTime() else { throw .dateTime }
      return .dateTime(dateTime)
    }
    return try number()
  }
}

extension Token {
  /// Why a token is no value.
  enum Problem: Error {
    case dateTime
    case leadingZeros
    case number
    case tooLarge
    case underscore
    case unquoted

    /// The message about `text`, or about a text that must not be shown.
    func message(_ text: String?) -> String {
      let shown = text.map { " '\($0.printable)'" } ?? ""
      switch self {
      case .dateTime: return "invalid date or time\(shown)"
      case .leadingZeros:
        let digits = text.map { String($0.drop { "+-0".contains($0) }) } ?? "…"
        let advice = digits.allSatisfy { "01234567".contains($0) } ? " (octal is written 0o\(digits))" : ""
        return "leading zeros are not allowed\(text == nil ? "" : " in\(shown)")\(advice)"
      case .number: return "invalid number\(shown)"
      case .tooLarge: return "\(text == nil ? "the integer" : "'\(text?.printable ?? "")'") does not fit in 64 bits"
      case .underscore: return "misplaced '_' in the number\(shown)"
      case .unquoted: return "invalid value\(shown) (strings need quotes)"
      }
    }
  }
}
