import ArgumentParser
import Bytes
import Recipe

/// Which of the recipes' nodes a run is about.
struct NodeSelection: ParsableArguments {
  /// One of several runs that share a fleet.
  struct Shard: ExpressibleByArgument {
    let number: Int
    let count: Int

    init?(argument: String) {
      let parts = argument.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
      guard parts.count == 2, let number = parts[0], let count = parts[1], count > 0, (1...count).contains(number)
      else { return nil }
      self.number = number
      self.count = count
    }
  }

  @Option(help: ArgumentHelp("Bake only these nodes.", valueName: "name,..."))
  var only: String?

  @Option(help: ArgumentHelp("Bake every n-th node by name, from the i-th: shard i of n.", valueName: "i/n"))
  var shard: Shard?

  /// The nodes of `nodes` that are meant, in their order.
  ///
  /// - Throws: `UnknownNode` for a name that is none of theirs.
  func select(_ nodes: [NodeRecipe]) throws -> [NodeRecipe] {
    var selected = nodes
    if let only {
      let names = only.split(separator: ",").map(String.init)
      let known = nodes.map { "\($0.name)" }
      for name in names where !known.contains(name) {
        throw UnknownNode(name: name, nearest: name.nearest(in: known))
      }
      selected = selected.filter { names.contains("\($0.name)") }
    }
    if let shard {
      let order = selected.map { "\($0.name)" }.sorted()
      let mine = Set(order.indices.filter { $0 % shard.count == shard.number - 1 }.map { order[$0] })
      selected = selected.filter { mine.contains("\($0.name)") }
    }
    return selected
  }
}

/// A node that no recipe names.
private struct UnknownNode: Failure {
  let name: String
  let nearest: String?

  var kind: FailureKind { .usage }
  var description: String { "--only: no node is called '\(name)'" + (nearest.map { "; did you mean '\($0)'?" } ?? "") }
}
