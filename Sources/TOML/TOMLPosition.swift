/// A place in a TOML document.
package struct TOMLPosition: Hashable, Sendable, CustomStringConvertible {
  /// From 1.
  package let line: Int
  /// From 1, in Unicode scalars: what an editor counts, not bytes. A tab is one.
  package let column: Int

  /// The place in line `line` and column `column`, both from 1.
  package init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  /// `line:column`
  package var description: String { "\(line):\(column)" }
}

/// From the first character of a key or value to the place after its last.
package struct TOMLSpan: Hashable, Sendable {
  /// The place of the first character.
  package let start: TOMLPosition
  /// The place after the last character.
  package let end: TOMLPosition
}
