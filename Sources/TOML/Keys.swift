import Bytes

/// A key of one part or several, such as `root.on`.
struct KeyPath {
  /// The parts before the last.
  var parents: [TOMLKey]
  var last: TOMLKey
}

extension Unicode.Scalar {
  /// Whether a key may hold the scalar without quotes.
  var isBareKey: Bool {
    switch self {
    case "A"..."Z", "a"..."z", "0"..."9", "-", "_": true
    default: false
    }
  }
}

extension Parser {
  /// A key, with blanks around its parts and after it.
  mutating func key() throws(TOMLError) -> KeyPath {
    var path = KeyPath(parents: [], last: try keyPart())
    while cursor.take(".") {
      path.parents.append(path.last)
      path.last = try keyPart()
    }
    return path
  }

  private mutating func keyPart() throws(TOMLError) -> TOMLKey {
    cursor.skipBlanks()
    let start = cursor.position
    let name: String
    switch cursor.current {
    case "\"", "'":
      guard !isAtMultilineQuotes else { throw failure("a multi-line string cannot be a key") }
      name = try string()
    default:
      let begin = cursor.offset
      cursor.skip(while: \.isBareKey)
      guard cursor.offset > begin else { throw failure("expected a key") }
      name = String(cursor.scalars(from: begin))
    }
    let key = TOMLKey(name: name, span: span(from: start))
    cursor.skipBlanks()
    return key
  }
}

extension TableDraft {
  /// The table that holds the last part of a header's path, made where it is missing.
  func parent(of path: KeyPath, header: TOMLSpan) throws(TOMLError) -> TableDraft {
    var table = self
    for key in path.parents {
      switch table[key.name]?.content {
      case nil:
        let child = TableDraft(.implied)
        table.add(key, .table(child, header))
        table = child
      case .table(let child, _): table = child
      case .elements(let elements): table = elements.tables.last?.table ?? table
      case .value(let value): throw key.isNotOpen(value)
      }
    }
    return table
  }

  /// The table that holds the last part of a dotted key, made where it is missing.
  func dottedParent(of path: KeyPath) throws(TOMLError) -> TableDraft {
    var table = self
    for key in path.parents {
      guard let entry = table[key.name] else {
        let child = TableDraft(.dottedKey)
        table.add(key, .table(child, key.span))
        table = child
        continue
      }
      switch entry.content {
      case .table(let child, _) where child.origin == .dottedKey: table = child
      case .value(let value): throw key.isNotOpen(value)
      case .table, .elements:
        throw key.refused("has a header of its own (at \(entry.key.span.start)): a dotted key cannot add to it")
      }
    }
    return table
  }

  /// The table of `[… key]`, which no header has opened before.
  func openTable(_ key: TOMLKey, _ span: TOMLSpan) throws(TOMLError) -> TableDraft {
    guard let entry = self[key.name] else {
      let table = TableDraft(.header)
      add(key, .table(table, span))
      return table
    }
    guard case .table(let table, _) = entry.content, table.origin == .implied else {
      throw key.refused("is already defined (at \(entry.key.span.start))")
    }
    table.origin = .header
    return table
  }

  /// A new table at the end of `[[… key]]`.
  func openElement(_ key: TOMLKey, _ span: TOMLSpan) throws(TOMLError) -> TableDraft {
    let elements: Elements
    switch self[key.name] {
    case nil:
      elements = Elements(span)
      add(key, .elements(elements))
    case (_, .elements(let known))?: elements = known
    case (let first, _)?:
      throw key.refused("is already defined (at \(first.span.start)) and is not an array of tables")
    }
    let table = TableDraft(.header)
    elements.tables.append((table, span))
    return table
  }
}

extension TOMLKey {
  fileprivate func refused(_ reason: String) -> TOMLError {
    TOMLError(position: span.start, message: "'\(name.printable)' \(reason)")
  }

  fileprivate func isNotOpen(_ value: TOMLValue) -> TOMLError {
    switch value.content {
    case .table: refused("is an inline table, complete at \(value.span.start): nothing can be added to it")
    case .array: refused("is an array, complete at \(value.span.start): nothing can be added to it")
    default: refused("is \(value.kind), not a table (\(value.span.start))")
    }
  }
}
