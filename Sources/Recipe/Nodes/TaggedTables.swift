/// `[tags.NAME]`: tables that are laid over the nodes that have the tag.
struct TaggedTables {
  private let tags: [SettingTable.Entry]

  /// Those of `recipe`.
  init(_ recipe: SettingTable) { tags = recipe["tags"]?.setting.table?.entries ?? [] }

  /// `shared`, which several nodes have, with the tables of the tags of `node` laid over it, in the order of the file.
  ///
  /// A tag without a table only groups nodes; one that is nearly a table's name is reported.
  func laid(over shared: SettingTable, of node: SettingTable, log: ProblemLog) -> SettingTable {
    let given = node[["node", NodeIdentity.tagsKey.name]]?.setting.elements ?? []
    let names = given.compactMap { try? NodeIdentity.tagsKey.form.read($0).get() }
    for (element, name) in zip(given, names) where !tags.contains(where: { $0.name == name }) {
      guard let near = name.nearest(in: tags.map(\.name)) else { continue }
      log.warning("tags \"\(name)\": there is no [tags.\(name)]; did you mean '\(near)'?", at: element.place)
    }
    return tags.filter { names.contains($0.name) }.compactMap(\.setting.table).reduce(shared) { $0.overlaid(by: $1) }
  }
}
