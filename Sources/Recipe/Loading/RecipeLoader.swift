import SystemPackage

/// Loads recipes: from files to checked nodes.
package enum RecipeLoader {
  /// The nodes of all recipes at `paths`, and every problem that they have, each on its own and together.
  ///
  /// A file that several recipes extend is read once. A path that is given twice counts once.
  ///
  /// - Parameter assignments: `key=value` each, laid over all nodes, the later over the earlier.
  package static func load(paths: [FilePath], assignments: [String] = []) -> RecipeResult {
    let log = ProblemLog()
    let library = RecipeLibrary(log: log)
    let overrides = Assignments(assignments, log: log)
    var sources: [NodeSource] = []
    var seen: Set<FilePath> = []
    for path in paths where seen.insert(path.lexicallyNormalized()).inserted {
      guard let recipe = library.recipe(at: path) else { continue }
      sources += NodeSource.all(in: recipe, library: library, log: log).map(overrides.laid(over:))
    }
    // Every file as it is written: a wrong value is wrong also where a later file replaces it, and only here are unknown
    // keys looked for.
    for file in library.written { WrittenRecipe.check(file, log: log) }
    var nodes: [NodeRecipe] = []
    var fleet = FleetChecks(log: log)
    for source in sources {
      fleet.check(source)
      if let node = source.node(log: log) { nodes.append(node) }
    }
    let problems = log.sorted(by: library.names)
    let isSound = problems.allSatisfy { $0.severity == .warning }
    if isSound, nodes.isEmpty {
      log.error(noNodeMessage(paths), at: nil)
      return RecipeResult(problems: log.sorted(by: library.names), nodes: [])
    }
    guard isSound else { return RecipeResult(problems: problems, nodes: []) }
    if nodes.count > 1, nodes.contains(where: { $0.fleetSeed == nil }) {
      log.warning(noSeedMessage(nodes.count), at: nil)
    }
    return RecipeResult(problems: log.sorted(by: library.names), nodes: nodes)
  }

  private static func noSeedMessage(_ count: Int) -> String {
    "\(count) nodes and no fleet seed: their ids follow from names and hardware addresses, which others may have too; "
      + "`pibake seed fleet.seed` makes one, for fleet_seed_file = \"fleet.seed\""
  }

  private static func noNodeMessage(_ paths: [FilePath]) -> String {
    guard !paths.isEmpty else { return "no recipe is given" }
    let files = paths.map(\.string).joined(separator: ", ")
    let verb = paths.count == 1 ? "names" : "name"
    return "\(files) \(verb) no node: add [node] with a name, or [[nodes]], or give a recipe that extends it"
  }
}

/// What came of loading recipes.
package struct RecipeResult: Sendable {
  /// Errors and warnings, file by file, each file from its beginning.
  package let problems: [RecipeProblem]
  /// The nodes in the order of the recipes; empty if there is any error.
  package let nodes: [NodeRecipe]

  /// Whether the nodes may be baked.
  package var isSound: Bool { problems.allSatisfy { $0.severity == .warning } }
}
