/// A place in a recipe file.
package struct RecipePlace: Sendable, Hashable, CustomStringConvertible {
  /// The file as the command line or an `extends` leads to it.
  package var file: String
  /// From 1.
  package var line: Int
  /// From 1, in characters.
  package var column: Int

  /// The place in `file`, line and column from 1.
  package init(file: String, line: Int, column: Int) {
    self.file = file
    self.line = line
    self.column = column
  }

  /// `file:line:column`, which editors and terminals open.
  package var description: String { "\(file):\(line):\(column)" }
}
