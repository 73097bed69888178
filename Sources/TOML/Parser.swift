import Bytes

/// Reads a document from its first line to its last (TOML 1.0).
struct Parser {
  var cursor: Cursor
  let secretKeys: Set<String>
  /// Whether the value being read belongs to one of the secret keys.
  var isSecret = false
  /// How many arrays, tables and parts of keys the current place is inside of.
  private var depth = 0

  init(cursor: Cursor, secretKeys: Set<String>) {
    self.cursor = cursor
    self.secretKeys = secretKeys
  }

  /// The error `message` at `position`, or at the current place.
  func failure(_ message: String, at position: TOMLPosition? = nil) -> TOMLError {
    TOMLError(position: position ?? cursor.position, message: message)
  }

  /// From `start` to the current place.
  func span(from start: TOMLPosition) -> TOMLSpan { TOMLSpan(start: start, end: cursor.position) }

  /// Every expression of the document, one a line.
  mutating func document() throws(TOMLError) -> TOMLTable {
    let root = TableDraft(.header)
    var open = root
    var headerDepth = 0
    while true {
      try skipBlankLines()
      if cursor.isAtEnd { return root.finished() }
      if cursor.current == "[" {
        depth = 0
        open = try header(root)
        headerDepth = depth
      } else {
        depth = headerDepth
        try keyValue(into: open)
      }
      try endOfLine()
    }
  }

  /// Goes `levels` deeper, at most as deep as the limit.
  private mutating func descend(_ levels: Int) throws(TOMLError) {
    depth += levels
    guard depth <= TOMLTable.nestingLimit else {
      throw failure("nested deeper than \(TOMLTable.nestingLimit) levels")
    }
  }

  /// A value one level deeper.
  mutating func nestedValue() throws(TOMLError) -> TOMLValue {
    try descend(1)
    defer { depth -= 1 }
    return try value()
  }

  /// `[path]` or `[[path]]`: the table that it opens.
  private mutating func header(_ root: TableDraft) throws(TOMLError) -> TableDraft {
    let start = cursor.position
    cursor.advance()
    let isElement = cursor.take("[")
    let path = try key()
    let isClosed = cursor.take("]") && (!isElement || cursor.take("]"))
    guard isClosed else { throw failure("expected '\(isElement ? "]]" : "]")' after the table's name") }
    try descend(path.parents.count + (isElement ? 2 : 1))
    let parent = try root.parent(of: path, header: span(from: start))
    return isElement
      ? try parent.openElement(path.last, span(from: start)) : try parent.openTable(path.last, span(from: start))
  }

  /// `key = value`
  mutating func keyValue(into table: TableDraft) throws(TOMLError) {
    let path = try key()
    guard cursor.take("=") else { throw failure("expected '=' after the key") }
    cursor.skipBlanks()
    let levels = path.parents.count + 1
    try descend(levels)
    defer { depth -= levels }
    let parent = try table.dottedParent(of: path)
    if let first = parent[path.last.name]?.key {
      throw failure(
        "duplicate key '\(path.last.name.printable)' (first defined at \(first.span.start))", at: path.last.span.start)
    }
    let outer = isSecret
    isSecret = outer || secretKeys.contains(path.last.name)
    defer { isSecret = outer }
    parent.add(path.last, .value(try value()))
  }

  /// Passes over blanks, comments and ends of lines.
  mutating func skipBlankLines() throws(TOMLError) {
    repeat {
      cursor.skipBlanks()
      try skipComment()
    } while cursor.takeNewline()
  }

  /// What may stand after an expression: a comment, and then the line's or document's end.
  private mutating func endOfLine() throws(TOMLError) {
    cursor.skipBlanks()
    try skipComment()
    guard cursor.isAtEnd || cursor.takeNewline() else { throw failure("expected the end of the line") }
  }

  private mutating func skipComment() throws(TOMLError) {
    guard cursor.take("#") else { return }
    while !cursor.isAtEnd, !cursor.isAtNewline { try textScalar() }
  }

  /// Takes one scalar of a comment or string; control characters but the tab may not stand there.
  @discardableResult
  mutating func textScalar() throws(TOMLError) -> Unicode.Scalar {
    guard let scalar = cursor.current else { throw failure("unexpected end of the document") }
    guard scalar == "\t" || (scalar >= " " && scalar != "\u{7F}") else {
      let code = String(scalar.value, radix: 16, uppercase: true)
      throw failure("the control character U+\(String(repeating: "0", count: 4 - code.count))\(code) is not allowed")
    }
    cursor.advance()
    return scalar
  }
}
