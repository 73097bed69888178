/// Something that is wrong with a recipe, or that its author should know.
package struct RecipeProblem: Hashable, Sendable, CustomStringConvertible {
  /// Whether it keeps pibake from baking.
  package enum Severity: String, Sendable {
    /// It does.
    case error
    /// It does not.
    case warning
  }
  /// Whether it keeps pibake from baking.
  package let severity: Severity
  /// Where; nil when it is no place in a recipe.
  package let place: RecipePlace?
  /// What, and what was expected instead.
  package let message: String

  /// `file:line:column: error: message`
  package var description: String {
    (place.map { "\($0): " } ?? "") + "\(severity): \(message)"
  }
}

/// The problems of all files that are loaded together, each once.
final class ProblemLog {
  private var problems: [RecipeProblem] = []
  private var seen: Set<RecipeProblem> = []

  /// What keeps pibake from baking.
  func error(_ message: String, at place: RecipePlace?) { add(.init(severity: .error, place: place, message: message)) }

  /// What the author should know.
  func warning(_ message: String, at place: RecipePlace?) {
    add(.init(severity: .warning, place: place, message: message))
  }

  /// A value of a shared file is read once for every node: its problem is one.
  private func add(_ problem: RecipeProblem) {
    if seen.insert(problem).inserted { problems.append(problem) }
  }

  /// The problems file by file in the order of `files`, each file from its beginning; those without a place come last.
  func sorted(by files: [String]) -> [RecipeProblem] {
    var ranks: [String: Int] = [:]
    for file in files where ranks[file] == nil { ranks[file] = ranks.count }
    let keyed = problems.enumerated().map { index, problem in
      let rank = problem.place.map { ranks[$0.file] ?? ranks.count } ?? ranks.count + 1
      return (key: [rank, problem.place?.line ?? 0, problem.place?.column ?? 0, index], problem: problem)
    }
    return keyed.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.problem)
  }
}
