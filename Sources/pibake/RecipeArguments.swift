import ArgumentParser
import Recipe
import SystemPackage

/// The arguments of commands that read recipes.
struct RecipeArguments: ParsableArguments {
  @Argument(help: "Recipes, as in recipes/nog.toml.", completion: .file(extensions: ["toml"]))
  var recipes: [FilePath]

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp(
      "Lay a value over every node, as in --set root.size=8GiB; may be given several times.", valueName: "key=value"))
  var assignments: [String] = []

  /// The nodes of the recipes, whose problems go to standard error.
  ///
  /// - Throws: exit status 2 if any of them is an error.
  func nodes() throws -> [NodeRecipe] {
    let result = RecipeLoader.load(paths: recipes, assignments: assignments)
    for problem in result.problems { Terminal.sayLines("\(problem)") }
    guard result.isSound else { throw ExitCode(2) }
    return result.nodes
  }
}
