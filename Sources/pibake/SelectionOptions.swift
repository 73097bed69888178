import ArgumentParser
import Recipe

extension NodeSelection.Shard: ExpressibleByArgument {
  /// A text such as "2/8".
  public init?(argument: String) { self.init(argument) }
}

/// The options that select some of the recipes' nodes.
struct SelectionOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Bake only these nodes.", valueName: "name,..."))
  var only: String?

  @Option(help: ArgumentHelp("Bake every n-th node by name, from the i-th: shard i of n.", valueName: "i/n"))
  var shard: NodeSelection.Shard?

  var selection: NodeSelection {
    NodeSelection(names: only?.split(separator: ",").map(String.init), shard: shard)
  }
}
