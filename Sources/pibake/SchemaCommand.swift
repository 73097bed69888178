import ArgumentParser
import BaseImage
import Recipe

/// `pibake schema`
struct SchemaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema", abstract: "Print the recipe language as JSON Schema, for editors.",
    discussion: """
      Save it, and begin a recipe with the line `#:schema pibake.schema.json`: editors that know TOML then complete keys, \
      show what they do, and mark wrong values.
      """)

  func run() throws {
    let document = try RecipeLanguage.schema.jsonDocument()
    try Terminal.write(document.span)
  }
}
