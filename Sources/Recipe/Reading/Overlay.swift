extension SettingTable {
  /// The table with `other` laid over it: tables are merged key by key, anything else is replaced.
  ///
  /// Two exceptions: the elements of `[[files]]` come after those that are there, since a list of edits only grows;
  /// and a key displaces those that say the same in another way (``Displacement``).
  /// `path` is where the tables are, from the top.
  func overlaid(by other: SettingTable, path: [String] = []) -> SettingTable {
    var result = removing(Displacement.displaced(by: other, at: path))
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

/// Keys of one table that say the same thing in different ways: the later file's displaces the earlier file's.
private struct Displacement {
  let path: [String]
  /// Any of these …
  let keys: [String]
  /// … displaces all of these.
  let displaced: [String]

  static let all = [
    // A digest belongs to its image.
    Displacement(path: ["image"], keys: ["path", "url"], displaced: ["path", "url", "sha256", "extract_sha256"]),
    Displacement(path: ["user"], keys: UserSettings.passwordKeys, displaced: UserSettings.passwordKeys),
    Displacement(path: ["user"], keys: UserSettings.groupKeys, displaced: UserSettings.groupKeys),
    Displacement(path: [], keys: FleetSeed.keys, displaced: FleetSeed.keys),
    Displacement(path: [], keys: ["user"], displaced: ["users"]),
    Displacement(path: [], keys: ["users"], displaced: ["user"]),
  ]

  static func displaced(by table: SettingTable, at path: [String]) -> [String] {
    all.filter { rule in rule.path == path && rule.keys.contains { table[$0] != nil } }.flatMap(\.displaced)
  }
}
