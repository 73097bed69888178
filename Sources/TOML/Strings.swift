extension Parser {
  /// Whether a string of three quotes starts here.
  var isAtMultilineQuotes: Bool {
    guard let quote = cursor.current, quote == "\"" || quote == "'" else { return false }
    return cursor.peek(1) == quote && cursor.peek(2) == quote
  }

  /// A string of any of the four forms; its quote is the current scalar.
  mutating func string() throws(TOMLError) -> String {
    let start = cursor.position
    let quote = cursor.current ?? "\""
    let isMultiline = isAtMultilineQuotes
    for _ in 0..<(isMultiline ? 3 : 1) { cursor.advance() }
    return isMultiline ? try multilineString(quote, start) : try lineString(quote, start)
  }

  /// What stands between quotes on one line.
  private mutating func lineString(_ quote: Unicode.Scalar, _ start: TOMLPosition) throws(TOMLError) -> String {
    var text = String.UnicodeScalarView()
    while !cursor.take(quote) {
      guard !cursor.isAtEnd, !cursor.isAtNewline else { throw failure("the string has no end", at: start) }
      text.append(quote == "\"" && cursor.current == "\\" ? try escape() : try textScalar())
    }
    return String(text)
  }

  /// What stands between threefold quotes, ends of lines as they are; one right after the opening quotes is dropped.
  private mutating func multilineString(_ quote: Unicode.Scalar, _ start: TOMLPosition) throws(TOMLError) -> String {
    _ = cursor.takeNewline()
    var text = String.UnicodeScalarView()
    while true {
      if cursor.isAtEnd { throw failure("the multi-line string has no end", at: start) }
      if cursor.current == quote {
        let quotes = takeQuotes(quote)
        text.append(contentsOf: repeatElement(quote, count: quotes.text))
        if quotes.isEnd { return String(text) }
      } else if cursor.isAtNewline {
        if cursor.take("\r") { text.append("\r") }
        if cursor.take("\n") { text.append("\n") }
      } else if quote == "\"", cursor.current == "\\" {
        if !skipLineContinuation() { text.append(try escape()) }
      } else {
        text.append(try textScalar())
      }
    }
  }

  /// Takes up to five quotes: three end the string, and up to two before them belong to it.
  private mutating func takeQuotes(_ quote: Unicode.Scalar) -> (text: Int, isEnd: Bool) {
    var count = 0
    while count < 5, cursor.take(quote) { count += 1 }
    return count < 3 ? (count, false) : (count - 3, true)
  }

  /// Passes over a backslash at the end of a line and all white space up to the next other character.
  private mutating func skipLineContinuation() -> Bool {
    var ahead = cursor
    ahead.advance()
    ahead.skipBlanks()
    guard ahead.takeNewline() else { return false }
    repeat { ahead.skipBlanks() } while ahead.takeNewline()
    cursor = ahead
    return true
  }

  /// The scalar that a backslash and what follows it mean.
  private mutating func escape() throws(TOMLError) -> Unicode.Scalar {
    let start = cursor.position
    cursor.advance()
    let letter = cursor.current
    cursor.advance()
    switch letter {
    case "b": return "\u{8}"
    case "t": return "\t"
    case "n": return "\n"
    case "f": return "\u{C}"
    case "r": return "\r"
    case "\"": return "\""
    case "\\": return "\\"
    case "u": return try codePoint(digits: 4, start)
    case "U": return try codePoint(digits: 8, start)
    default:
      throw failure("unknown escape sequence (a backslash itself is written \\\\, or in '…' quotes)", at: start)
    }
  }

  private mutating func codePoint(digits: Int, _ start: TOMLPosition) throws(TOMLError) -> Unicode.Scalar {
    var value: UInt32 = 0
    for _ in 0..<digits {
      guard let digit = cursor.current?.digit(radix: 16) else {
        throw failure("expected \(digits) hexadecimal digits", at: start)
      }
      value = value << 4 | UInt32(digit)
      cursor.advance()
    }
    guard let scalar = Unicode.Scalar(value) else { throw failure("not a Unicode scalar value", at: start) }
    return scalar
  }
}

extension Unicode.Scalar {
  /// The value as an ASCII digit of `radix`; nil if it is none.
  func digit(radix: Int) -> Int? {
    guard isASCII, let value = Character(self).hexDigitValue, value < radix else { return nil }
    return value
  }
}
