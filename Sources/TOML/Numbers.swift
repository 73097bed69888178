extension Token {
  /// An integer or a float.
  mutating func number() throws(Problem) -> TOMLValue.Content {
    if current == "0" {
      switch peek(1) {
      case "x": return try prefixed(radix: 16)
      case "o": return try prefixed(radix: 8)
      case "b": return try prefixed(radix: 2)
      default: break
      }
    }
    guard current?.digit(radix: 10) != nil || current == "+" || current == "-" || current == "." else {
      throw .unquoted
    }
    return try decimal()
  }

  private mutating func prefixed(radix: Int) throws(Problem) -> TOMLValue.Content {
    _ = take("0")
    _ = take("x", "o", "b")
    let digits = try digits(radix: radix)
    guard isAtEnd else { throw .number }
    guard let value = Int64(digits, radix: radix) else { throw .tooLarge }
    return .integer(value, radix: radix)
  }

  private mutating func decimal() throws(Problem) -> TOMLValue.Content {
    let sign = take("+", "-") == "-" ? "-" : ""
    let whole = try digits(radix: 10)
    guard whole.count == 1 || whole.first != "0" else { throw .leadingZeros }
    if isAtEnd {
      guard let value = Int64(sign + whole) else { throw .tooLarge }
      return .integer(value, radix: 10)
    }
    var float = sign + whole
    if take(".") != nil { float += "." + (try digits(radix: 10)) }
    if take("e", "E") != nil {
      float += take("+", "-") == "-" ? "e-" : "e"
      float += try digits(radix: 10)
    }
    guard isAtEnd, let value = Double(float) else { throw .number }
    return .float(value)
  }

  /// One digit or more, single underscores between them left out.
  private mutating func digits(radix: Int) throws(Problem) -> String {
    var digits = String.UnicodeScalarView()
    while true {
      guard let digit = takeDigit(radix: radix) else { throw current == "_" ? .underscore : .number }
      digits.append(digit)
      let isSeparated = take("_") != nil
      guard current?.digit(radix: radix) != nil else {
        if isSeparated { throw .underscore }
        return String(digits)
      }
    }
  }
}
