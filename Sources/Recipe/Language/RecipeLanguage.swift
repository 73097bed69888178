/// The recipe language: every table and every key, declared once.
///
/// Checking, suggestions, JSON Schema, `pibake explain`, completion and the reference come from here alone.
package enum RecipeLanguage {
  static let recipeVersion = Key(
    "recipe_version", .recipeVersion, "The version of the recipe language.", example: "1", fallback: "1")
  static let nodesFrom = Key(
    "nodes_from", .path, "A file of comma-separated values whose header names keys and whose lines are nodes.",
    example: "\"rack.csv\"")
  private static let extends = KeyEntry(
    name: "extends", kind: .anything(.any([.text()])),
    note: KeyNote(
      summary: "The recipes, relative to this file, over which this one is laid: one path, or a list.",
      example: "\"cluster.toml\"", fallback: nil, preseed: nil, needs: nil))

  /// The tables that both a recipe and an element of `[[nodes]]` may hold.
  private static let settings: [any LanguageKey] = [
    ImageSettings.keys.table, SystemSettings.keys.table, BootSettings.keys.table, RootSettings.keys.table,
    ServerSettings.keys.table, UserSettings.keys.table, UserSettings.keys.tables("users"), SSHSettings.keys.table,
    LocaleSettings.keys.table, FileSettings.keys.tables(), OutputSettings.keys.table,
    WLANSettings.keys.tableOrTables, EthernetSettings.keys.tableOrTables, TimeSettings.keys.table,
    InterfacesSettings.keys.table, ServiceSettings.keys.table, MountSettings.keys.tables(), SwapSettings.keys.table,
    HostsSettings.keys.table, SysctlSettings.keys.table, ModulesSettings.keys.table, MotdSettings.keys.table,
    CACertificateSettings.keys.table, KeyEntry.missing("packages", "Packages to add or remove."),
    FirstStartSettings.commandsKey, FirstStartSettings.keys.table,
    KeyEntry.missing("eeprom", "The boot loader's settings."),
  ]
  private static let settingRules = [TableKeys.Exclusive(["user", "users"])]

  /// An element of `[[nodes]]`, or a line of an inventory.
  static let node = TableKeys(
    "nodes", "The nodes of a fleet: each element is a node, with what only it has.",
    NodeIdentity.keys.keys + settings, exclusives: settingRules)

  /// What `[tags.NAME]` holds.
  private static let tagged = TableKeys(
    "tags", "Tables that are laid over the nodes that have the tag, in the order of the file.", settings,
    exclusives: settingRules)

  /// A recipe file.
  package static let top = TableKeys(
    "", "A recipe.",
    [recipeVersion, extends, nodesFrom, FleetSeed.text, FleetSeed.file, NodeIdentity.keys.table, node.tables()]
      + [KeyEntry(name: "tags", kind: .named(tagged), note: tagged.table.note)] + settings,
    exclusives: settingRules + [TableKeys.Exclusive(FleetSeed.keys)])

  /// The tables that have a key of this name, as messages name them.
  static func tables(having name: String) -> [String] { homes[name] ?? [] }

  private static let homes: [String: [String]] = {
    var homes: [String: [String]] = [:]
    for table in top.keys {
      switch table.kind {
      case .table(let keys), .tableOrTables(let keys):
        for key in keys.keys { homes[key.name, default: []].append("[\(table.name)]") }
      case .tables(let keys) where table.name == "files":
        for key in keys.keys { homes[key.name, default: []].append("[[\(table.name)]]") }
      default: break
      }
    }
    return homes
  }()

  /// Whether the key at a path of keys from the top of a recipe takes an array of values.
  static func isList(at path: [String]) -> Bool {
    guard let name = path.last, case .list? = table(at: path.dropLast())?[name]?.kind else { return false }
    return true
  }

  /// The table of the language at a path of keys from the top of a recipe; nil if there is none.
  static func table(at path: some Collection<String>) -> TableKeys? {
    path.reduce(top as TableKeys?) { table, name in
      switch table?[name]?.kind {
      case .table(let keys)?, .tables(let keys)?, .tableOrTables(let keys)?: keys
      default: nil
      }
    }
  }
}
