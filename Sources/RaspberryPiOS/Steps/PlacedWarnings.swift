import Recipe

extension NodeSystem {
  /// Warns of something that the recipe says at `place`.
  mutating func warn(_ text: String, at place: RecipePlace?) {
    warn(place.map { "\($0): \(text)" } ?? text)
  }
}

extension String {
  /// The hint that asks for `word`; nil without one.
  static func suggesting(_ word: String?) -> String? { word.map { "did you mean \"\($0)\"?" } }
}
