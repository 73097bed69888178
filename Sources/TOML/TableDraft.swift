/// A table while its document is being read: a later header or dotted key may still add to it.
///
/// A class, because the table that a header opened and the same table inside its parent must be one.
final class TableDraft {
  /// How the table came to be, which decides who may add to it.
  enum Origin {
    /// By a longer header: one header of its own may follow.
    case implied
    /// By its own header.
    case header
    /// By a dotted key: only dotted keys beside that one may add to it, and headers of tables within.
    case dottedKey
  }

  /// `[[name]]`, element by element.
  final class Elements {
    let span: TOMLSpan
    var tables: [(table: TableDraft, span: TOMLSpan)] = []

    init(_ span: TOMLSpan) { self.span = span }
  }

  enum Content {
    /// A finished value, inline tables and arrays included: nobody adds to it.
    case value(TOMLValue)
    case table(TableDraft, TOMLSpan)
    case elements(Elements)
  }

  var origin: Origin
  private var entries: [(key: TOMLKey, content: Content)] = []
  private var indices: [ExactName: Int] = [:]

  init(_ origin: Origin) { self.origin = origin }

  subscript(name: String) -> (key: TOMLKey, content: Content)? { indices[ExactName(name)].map { entries[$0] } }

  /// Adds what `key` stands for; the key is new.
  func add(_ key: TOMLKey, _ content: Content) {
    indices[ExactName(key.name)] = entries.count
    entries.append((key, content))
  }

  /// The table as it is now.
  func finished() -> TOMLTable {
    TOMLTable(entries: entries.map { .init(key: $0.key, value: $0.content.finished()) }, indices: indices)
  }
}

extension TableDraft.Content {
  fileprivate func finished() -> TOMLValue {
    switch self {
    case .value(let value): return value
    case .table(let table, let span): return TOMLValue(content: .table(table.finished()), span: span)
    case .elements(let elements):
      let values = elements.tables.map { TOMLValue(content: .table($0.table.finished()), span: $0.span) }
      return TOMLValue(content: .array(values), span: elements.span)
    }
  }
}
