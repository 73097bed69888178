/// The settings of one node: the recipe's, with the node's own laid over them.
struct NodeSource {
  /// The tables of a recipe, with `[node]` the node's own and nothing of other nodes.
  let settings: SettingTable

  /// Keys of the top that are about the recipe, not about a node.
  static let recipeKeys = ["recipe_version", "extends", "nodes_from", "node", "nodes", "tags"]

  /// The nodes of `recipe`.
  ///
  /// `[node]` is a node if it says which. Beside `[[nodes]]` and `nodes_from` it must not: it then holds what those share.
  static func all(in recipe: SettingTable, library: RecipeLibrary, log: ProblemLog) -> [NodeSource] {
    let node = recipe["node"]
    let inventory = recipe["nodes_from"].map { library.nodes(from: $0.setting) } ?? []
    let elements = (recipe["nodes"]?.setting.elements ?? []).compactMap(\.table) + inventory
    let own = node?.setting.table?.entries.first { ["name", "mac", "serial"].contains($0.name) }
    if let own, let nodes = recipe["nodes"] {
      log.error("[node] \(own.name) and [[nodes]] (\(nodes.place)) cannot both be given", at: own.place)
    }
    if let own, let nodes = recipe["nodes_from"] {
      log.error("[node] \(own.name) and nodes_from (\(nodes.place)) cannot both be given", at: own.place)
    }
    let tagged = TaggedTables(recipe)
    let shared = recipe.removing(recipeKeys).adding(node)
    if elements.isEmpty {
      return own == nil ? [] : [NodeSource(settings: tagged.laid(over: shared, of: shared, log: log))]
    }
    return elements.map { table in
      let own = overrides(table)
      return NodeSource(
        settings: tagged.laid(over: shared, of: shared.overlaid(by: own), log: log).overlaid(by: own))
    }
  }

  /// An element of `[[nodes]]` as a recipe of its own.
  private static func overrides(_ table: SettingTable) -> SettingTable {
    let own = SettingTable(table.entries.filter { NodeIdentity.names.contains($0.name) }, place: table.place)
    let node = Setting(own)
    return table.removing(NodeIdentity.names + recipeKeys)
      .adding(SettingTable.Entry(name: "node", place: table.place, setting: node))
  }
}

extension SettingTable {
  fileprivate func adding(_ entry: Entry?) -> SettingTable {
    var result = self
    if let entry { result.set(entry) }
    return result
  }
}

extension NodeSource {
  /// The node, its values read and checked against each other; nil if it has no valid name, which is then reported.
  func node(log: ProblemLog) -> NodeRecipe? {
    guard let entry = settings["node"], let table = entry.setting.table else { return nil }
    guard let name = table.value([NodeIdentity.nameKey.name], NodeIdentity.nameKey.form) else {
      if table["name"] == nil { log.error("the node has no name", at: entry.setting.place) }
      return nil
    }
    let node = NodeRecipe(name: name, reading: TableReader(settings, log: log))
    NodeChecks(node: node, settings: settings, log: log).run()
    return node
  }
}
