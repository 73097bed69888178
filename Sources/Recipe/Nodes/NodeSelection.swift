import Bytes

/// Which of the recipes' nodes a run is about.
package struct NodeSelection: Sendable {
  /// One of several runs that divide a fleet among them: every `count`-th node by name, from the `number`-th on.
  package struct Shard: Sendable, Equatable {
    /// From 1 to `count`.
    package let number: Int
    package let count: Int

    /// The shard that a text such as "2/8" names; nil if it names none.
    package init?(_ text: String) {
      let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
      guard parts.count == 2, let number = parts[0], let count = parts[1], count > 0, (1...count).contains(number)
      else { return nil }
      self.number = number
      self.count = count
    }
  }

  private let names: [String]?
  private let shard: Shard?

  /// The nodes called `names`, or all; of those, the ones in `shard`, or all.
  package init(names: [String]?, shard: Shard?) {
    self.names = names
    self.shard = shard
  }

  /// Those of `nodes` that are selected, in their order.
  ///
  /// - Throws: a failure of the kind `.usage` for a name that no node has.
  package func of(_ nodes: [NodeRecipe]) throws -> [NodeRecipe] {
    var selected = nodes
    if let names {
      let known = nodes.map { "\($0.name)" }
      for name in names where !known.contains(name) {
        throw UnknownNode(name: name, nearest: name.nearest(in: known))
      }
      selected = selected.filter { names.contains("\($0.name)") }
    }
    guard let shard else { return selected }
    let order = selected.map { "\($0.name)" }.sorted()
    let mine = Set(order.indices.filter { $0 % shard.count == shard.number - 1 }.map { order[$0] })
    return selected.filter { mine.contains("\($0.name)") }
  }
}

/// A node that no recipe names.
private struct UnknownNode: Failure {
  let name: String
  let nearest: String?

  var kind: FailureKind { .usage }
  var description: String { "--only: no node is called '\(name)'" + (nearest.map { "; did you mean '\($0)'?" } ?? "") }
}
