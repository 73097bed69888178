extension Parser {
  /// A value of any kind.
  mutating func value() throws(TOMLError) -> TOMLValue {
    let start = cursor.position
    let content: TOMLValue.Content
    switch cursor.current {
    case "\"", "'": content = .string(try string())
    case "[": content = .array(try array())
    case "{": content = .table(try inlineTable())
    default: content = try scalar()
    }
    return TOMLValue(content: content, span: span(from: start))
  }

  private mutating func array() throws(TOMLError) -> [TOMLValue] {
    let start = cursor.position
    cursor.advance()
    var values: [TOMLValue] = []
    while true {
      try skipBlankLines()
      if cursor.take("]") { return values }
      if cursor.isAtEnd { throw failure("the array has no end", at: start) }
      values.append(try nestedValue())
      try skipBlankLines()
      if cursor.take(",") || cursor.current == "]" { continue }
      throw cursor.isAtEnd ? failure("the array has no end", at: start) : failure("expected ',' or ']' in the array")
    }
  }

  /// `{ key = value, … }`: on one line, and without a comma before the brace (TOML 1.0).
  private mutating func inlineTable() throws(TOMLError) -> TOMLTable {
    let start = cursor.position
    cursor.advance()
    let table = TableDraft(.header)
    cursor.skipBlanks()
    if cursor.take("}") { return table.finished() }
    while true {
      if cursor.isAtEnd { throw failure("the inline table has no end", at: start) }
      try keyValue(into: table)
      cursor.skipBlanks()
      if cursor.take("}") { return table.finished() }
      if cursor.take(",") { continue }
      throw cursor.isAtEnd
        ? failure("the inline table has no end", at: start)
        : failure("expected ',' or '}' in the inline table, which must stand on one line")
    }
  }

  /// A number, a boolean, a date or a time.
  private mutating func scalar() throws(TOMLError) -> TOMLValue.Content {
    let start = cursor.position
    let begin = cursor.offset
    cursor.skip(while: \.isBareValue)
    // "1979-05-27 07:32:00": one blank may stand between date and time.
    if cursor.offset - begin == 10, Token(cursor.scalars(from: begin)).looksLikeDate,
      cursor.current == " ", cursor.peek(1)?.digit(radix: 10) != nil
    {
      cursor.advance()
      cursor.skip(while: \.isBareValue)
    }
    guard cursor.offset > begin else {
      let isMissing = cursor.isAtEnd || cursor.isAtNewline || cursor.current == "#"
      throw failure(isMissing ? "expected a value" : "unexpected character where a value should be")
    }
    var token = Token(cursor.scalars(from: begin))
    do throws(Token.Problem) {
      return try token.scalar()
    } catch {
      throw failure(error.message(isSecret ? nil : token.text), at: start)
    }
  }
}

extension Unicode.Scalar {
  /// Whether the scalar can be part of a number, a boolean, a date or a time.
  fileprivate var isBareValue: Bool { isBareKey || self == "+" || self == "." || self == ":" }
}
