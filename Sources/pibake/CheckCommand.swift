import ArgumentParser
import Recipe

/// `pibake check RECIPE...`
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Check recipes, without an image: for editors and CI.",
    discussion: """
      Every problem is reported with its place, and nothing is written. What only the image can tell, such as whether it \
      has a group, is found by `pibake build`.
      """)

  @OptionGroup var recipes: RecipeArguments

  func run() throws {
    let names = try recipes.nodes().map { "\($0.name)" }
    try Terminal.write(lines: ["\(names.count) node\(names.count == 1 ? "" : "s"): \(names.joined(separator: ", "))"])
  }
}
