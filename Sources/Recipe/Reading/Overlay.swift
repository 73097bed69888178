extension SettingTable {
  /// The table with `other` laid over it: tables are merged key by key, anything else is replaced.
  ///
  /// Three exceptions: `{ add = […] }` adds to an array; the elements of `[[files]]` come after those that are there, since a list of
  /// edits only grows;
  /// and a key displaces those that say the same in another way (``TableKeys/Exclusive``).
  /// `path` is where the tables are, from the top.
  func overlaid(by other: SettingTable, path: [String] = []) -> SettingTable {
    var result = removing(RecipeLanguage.table(at: path)?.displaced(by: other) ?? [])
    for entry in other.entries {
      guard let below = result[entry.name] else {
        result.set(entry)
        continue
      }
      let merged = below.setting.overlaid(by: entry.setting, path: path + [entry.name])
      result.set(Entry(name: entry.name, place: entry.place, setting: merged))
    }
    return result
  }
}

extension Setting {
  fileprivate func overlaid(by other: Setting, path: [String]) -> Setting {
    if let added = other.table?.addition, let below = elements, RecipeLanguage.isList(at: path) {
      // Still an addition over one: a file beneath both may have the array.
      return table == nil ? Setting(.array(below + added), replacing: other) : other.adding(below)
    }
    switch (content, other.content) {
    case (.table(let below), .table(let above)):
      return Setting(.table(below.overlaid(by: above, path: path)), replacing: other)
    case (.array(let below), .array(let above)) where path == ["files"]:
      // Two files that extend a third bring its elements twice.
      let known = Set(below.map(\.place))
      return Setting(.array(below + above.filter { !known.contains($0.place) }), replacing: other)
    default: return other
    }
  }
}

extension Setting {
  /// An addition with `elements` before its own.
  fileprivate func adding(_ elements: [Setting]) -> Setting {
    guard var table, let entry = table.entries.first, let own = table.addition else { return self }
    table.set(
      SettingTable.Entry(
        name: entry.name, place: entry.place,
        setting: Setting(.array(elements + own), replacing: entry.setting)))
    return Setting(.table(table), replacing: self)
  }
}

extension TableKeys {
  /// The keys of earlier files that `table` displaces: those that say the same in another way, with what belongs to them.
  fileprivate func displaced(by table: SettingTable) -> [String] {
    exclusives.filter { rule in rule.keys.contains { table[$0] != nil } }
      .flatMap { rule in rule.keys.filter { table[$0] == nil } + rule.dependents }
  }
}
