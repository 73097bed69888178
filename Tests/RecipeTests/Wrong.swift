import Testing

@testable import Recipe

/// Lines of a recipe after its first, which names the node nog, and the problems that they have.
struct Wrong: Sendable, CustomTestStringConvertible {
  let text: String
  let problems: [String]

  init(_ text: String, _ problems: String...) {
    self.text = text
    self.problems = problems
  }

  var testDescription: String { text.replacing("\n", with: " ⏎ ") }

  /// Expects exactly these problems, in this order.
  func check() throws {
    let folder = try RecipeFolder(["a.toml": "node = { name = \"nog\" }\n" + text])
    let result = folder.load("a.toml")
    #expect(folder.problems(result) == problems.map { "a.toml:" + $0 })
    #expect(result.nodes.count == (problems.contains { $0.contains(": error: ") } ? 0 : 1))
  }
}
