import Recipe

/// Recipes: a list of nodes, or problems with their places.
enum RecipeTarget: FuzzTarget {
  private static let file = InputFile("recipe.toml")

  static func read(_ input: [UInt8]) {
    guard (try? file.fill(input)) != nil else { return }
    let result = RecipeLoader.load(paths: [file.path])
    require(!result.nodes.isEmpty || !result.problems.isEmpty, "nodes or problems")
    for problem in result.problems { require(!"\(problem)".isEmpty, "a problem is told") }
  }
}
