import ArgumentParser
import Bytes
import Recipe

/// `pibake explain [KEY...]`
struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Tell what a key of the recipe does and takes; without a key, list all.")

  @Argument(
    help: "A key or a table, as in root.on, \"[root] on\" or root.", completion: .list(RecipeLanguage.paths))
  var keys: [String] = []

  func run() throws {
    if keys.isEmpty { return try Terminal.write(lines: Explanation.all.lines) }
    for (index, key) in keys.enumerated() {
      guard let explanation = Explanation(of: key) else { throw UnknownKey(key: key) }
      try Terminal.write(lines: (index == 0 ? [] : [""]) + explanation.lines)
    }
  }
}

/// A key that the language does not have.
private struct UnknownKey: Failure {
  let key: String

  var kind: FailureKind { .usage }
  var description: String { "the recipe language has no key '\(key.printable)'" }
  var hint: String? {
    let path = key.split { "[]. ".contains($0) }.joined(separator: ".")
    let names =
      RecipeLanguage.paths + RecipeLanguage.paths.compactMap { $0.split(separator: ".").last.map(String.init) }
    return path.nearest(in: names).map { "did you mean '\($0)'?" } ?? "`pibake explain` lists all"
  }
}
