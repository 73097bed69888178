/// A key, or one part of a dotted key, with its place.
package struct TOMLKey: Sendable {
  /// The key without quotes and escapes.
  package let name: String
  /// The key's place, quotes included.
  package let span: TOMLSpan
}

/// A table of a TOML document, in the order of the document.
package struct TOMLTable: Sendable {
  /// A key and what stands for it.
  package struct Entry: Sendable {
    /// The key where it occurs first.
    package let key: TOMLKey
    /// What the document gives to the key.
    package let value: TOMLValue
  }

  /// How deep arrays, tables and dotted keys may nest: far beyond any use, far within any stack.
  package static let nestingLimit = 128

  /// The keys and values, by first occurrence.
  package let entries: [Entry]
  private let indices: [ExactName: Int]

  /// The entries in order; each key at most once.
  init(entries: [Entry], indices: [ExactName: Int]) {
    self.entries = entries
    self.indices = indices
  }

  /// The document that `bytes` are, with the line and column of every key and value.
  ///
  /// `secretKeys` are keys whose values no message quotes.
  /// Throws at the first place that is not TOML 1.0 (https://toml.io/en/v1.0.0), or nests deeper than ``nestingLimit``.
  package init(parsing bytes: [UInt8], secretKeys: Set<String> = []) throws(TOMLError) {
    var parser = Parser(cursor: try Cursor(decoding: bytes), secretKeys: secretKeys)
    self = try parser.document()
  }

  /// The entry of `name`, compared scalar by scalar; nil if there is none.
  package subscript(name: String) -> Entry? {
    indices[ExactName(name)].map { entries[$0] }
  }
}

/// A key as TOML compares keys: by its scalars. `String` holds `é` and `e` with an accent for the same.
struct ExactName: Hashable {
  private let utf8: [UInt8]

  init(_ name: String) { utf8 = Array(name.utf8) }
}
