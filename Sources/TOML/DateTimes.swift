extension Token {
  /// Whether the token starts with a year and a hyphen.
  var looksLikeDate: Bool {
    (0..<4).allSatisfy { peek($0)?.digit(radix: 10) != nil } && peek(4) == "-"
  }

  /// Whether the token starts with an hour and a colon.
  var looksLikeTime: Bool {
    (0..<2).allSatisfy { peek($0)?.digit(radix: 10) != nil } && peek(2) == ":"
  }

  /// One of the four forms (RFC 3339, section 5.6); nil if the token is none or says a day that there is not.
  mutating func dateTime() -> TOMLDateTime? {
    guard let kind = looksLikeTime ? (time() ? .localTime : nil) : dateAndTime(), isAtEnd else { return nil }
    return TOMLDateTime(kind: kind, text: text)
  }

  private mutating func dateAndTime() -> TOMLDateTime.Kind? {
    guard date() else { return nil }
    guard take("T", "t", " ") != nil else { return .localDate }
    guard time() else { return nil }
    if isAtEnd { return .localDateTime }
    return offset() ? .offsetDateTime : nil
  }

  private mutating func date() -> Bool {
    guard let year = number(digits: 4), take("-") != nil,
      let month = number(digits: 2), (1...12).contains(month), take("-") != nil,
      let day = number(digits: 2)
    else { return false }
    let isLeap = year.isMultiple(of: 4) && !year.isMultiple(of: 100) || year.isMultiple(of: 400)
    let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    return (1...days[month - 1]).contains(day)
  }

  /// Second 60 is a leap second's.
  private mutating func time() -> Bool {
    guard let hour = number(digits: 2), hour < 24, take(":") != nil,
      let minute = number(digits: 2), minute < 60, take(":") != nil,
      let second = number(digits: 2), second <= 60
    else { return false }
    guard take(".") != nil else { return true }
    guard takeDigit(radix: 10) != nil else { return false }
    while takeDigit(radix: 10) != nil {}
    return true
  }

  private mutating func offset() -> Bool {
    if take("Z", "z") != nil { return true }
    guard take("+", "-") != nil, let hour = number(digits: 2), hour < 24, take(":") != nil,
      let minute = number(digits: 2), minute < 60
    else { return false }
    return true
  }

  private mutating func number(digits: Int) -> Int? {
    var value = 0
    for _ in 0..<digits {
      guard let digit = takeDigit(radix: 10)?.digit(radix: 10) else { return nil }
      value = value * 10 + digit
    }
    return value
  }
}
