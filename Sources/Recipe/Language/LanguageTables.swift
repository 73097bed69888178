extension RecipeLanguage {
  /// A table of the language, with its name from the top of a recipe.
  package struct Table: Sendable {
    /// "boot.cmdline"; "files" and "users" stand for the elements of an array.
    package let path: String
    /// How messages name it: "[boot.cmdline]", "[[files]]".
    package let title: String
    package let keys: TableKeys
  }

  /// All tables, in the order of the language; those that `[[nodes]]` and `[tags.NAME]` may hold stand here once.
  package static let tables: [Table] = tables(in: top, at: [])

  private static func tables(in keys: TableKeys, at path: [String]) -> [Table] {
    keys.keys.flatMap { key -> [Table] in
      let path = path + [key.name]
      let name = path.joined(separator: ".")
      switch key.kind {
      case .table(let keys): return [Table(path: name, title: "[\(name)]", keys: keys)] + tables(in: keys, at: path)
      case .tables(let keys):
        let inner = key.name == "nodes" ? [] : tables(in: keys, at: path)
        return [Table(path: name, title: "[[\(name)]]", keys: keys)] + inner
      case .tableOrTables(let keys):
        return [Table(path: name, title: "[\(name)]", keys: keys)] + tables(in: keys, at: path)
      case .named(let keys): return [Table(path: name, title: "[\(name).NAME]", keys: keys)]
      case .value, .list, .missing, .anything: return []
      }
    }
  }

  /// The keys of the top and of all tables as dotted paths, for completion.
  package static var paths: [String] {
    top.keys.map(\.name)
      + tables.filter { !["nodes", "tags"].contains($0.path) }.flatMap { table in
        table.keys.keys.map { "\(table.path).\($0.name)" }
      }
  }
}
