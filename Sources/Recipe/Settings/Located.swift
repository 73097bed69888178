/// A value of a recipe with its place, so that what only the image can tell of it is said where the recipe says it.
package struct Located<Value: Sendable & Hashable>: Sendable, Hashable {
  package let value: Value
  /// nil for a value that no recipe file says.
  package let place: RecipePlace?

  /// `value`, which the recipe says at `place`.
  package init(_ value: Value, at place: RecipePlace? = nil) {
    self.value = value
    self.place = place
  }
}

extension Located: ExpressibleByUnicodeScalarLiteral, ExpressibleByExtendedGraphemeClusterLiteral,
  ExpressibleByStringLiteral
where Value == String {
  package init(stringLiteral value: String) { self.init(value) }
}
