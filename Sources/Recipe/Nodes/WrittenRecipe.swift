/// A recipe file as it is written, without what it extends.
enum WrittenRecipe {
  /// Reports what is wrong with the file by itself: wrong values, keys that there are not, or not yet.
  static func check(_ file: SettingTable, log: ProblemLog) {
    let top = TableReader(file, log: log)
    _ = top.value("recipe_version", .recipeVersion)
    _ = top.value("fleet_seed", .fleetSeed)
    _ = top.value("extends", .anything)
    top.refuse("nodes_from")
    if let node = top.table("node") { _ = NodeIdentity(reading: node) }
    checkTables(of: top)
    for node in top.tables("nodes") {
      _ = NodeIdentity(reading: node)
      checkTables(of: node)
    }
    top.reportUnknownKeys()
  }

  private static func checkTables(of reader: TableReader) {
    let wishes = Wishes(reading: reader)
    for file in wishes.files { _ = FileSettings(reading: file, node: nil) }
  }
}
