/// A recipe file as it is written, without what it extends.
enum WrittenRecipe {
  /// Reports what is wrong with the file by itself: wrong values, keys that there are not, or not yet.
  static func check(_ file: SettingTable, log: ProblemLog) {
    let top = TableReader(file, log: log)
    _ = top.value("recipe_version", .recipeVersion)
    _ = FleetSeed(reading: top)
    _ = top.value("extends", .anything)
    _ = top.value("nodes_from", .path)
    if let node = top.table("node") { _ = NodeIdentity(reading: node) }
    checkTables(of: top)
    for node in top.tables("nodes") {
      _ = NodeIdentity(reading: node)
      checkTables(of: node)
    }
    top.reportUnknownKeys()
  }

  /// Reports what is wrong with a line of an inventory by itself.
  static func check(inventory node: SettingTable, log: ProblemLog) {
    let reader = TableReader(node, title: "[[nodes]]", log: log)
    _ = NodeIdentity(reading: reader)
    checkTables(of: reader)
    reader.reportUnknownKeys()
  }

  private static func checkTables(of reader: TableReader) {
    let tables = NodeTables(reading: reader)
    for file in tables.files { _ = FileSettings(reading: file, node: nil) }
  }
}
