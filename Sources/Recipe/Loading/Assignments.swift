import Bytes
import SystemPackage
import TOML

/// `--set key=value`: what the command line lays over every node.
struct Assignments {
  private let tables: [SettingTable]

  /// Reads each of `texts`: a value as TOML writes it, or, where it is none, the text itself. Reports what is wrong with them.
  init(_ texts: [String], log: ProblemLog) {
    tables = texts.compactMap { text in
      // What its places name; relative paths are those of the current folder.
      let file = RecipeFile(path: FilePath("--set"))
      let place = file.place(TOMLPosition(line: 1, column: 1))
      guard let table = Self.table(of: text) else {
        let shown = String(text.prefix { $0 != "=" }).printable
        log.error("--set \(shown): expected key=value, as in root.size=8GiB", at: nil)
        return nil
      }
      let settings = SettingTable(table, in: file, place: place)
      WrittenRecipe.check(settings, log: log)
      guard Self.isFit(settings, RecipeLanguage.top, log) else { return nil }
      return settings
    }
  }

  /// Whether the command line may say `settings`, a table of the kind `keys`; what it may not is reported.
  private static func isFit(_ settings: SettingTable, _ keys: TableKeys, _ log: ProblemLog) -> Bool {
    settings.entries.allSatisfy { entry in
      let key = keys[entry.name]
      if key?.isSecret ?? false {
        log.error(
          "--set \(entry.name): every process of this machine can read a command line: say it in a file",
          at: entry.place)
        return false
      }
      if NodeSource.recipeKeys.contains(entry.name), keys.name.isEmpty, entry.name != "node" {
        log.error("--set \(entry.name): it is a recipe's, and --set is for what each node is", at: entry.place)
        return false
      }
      guard let inner = key?.inner, let table = entry.setting.table else { return true }
      return isFit(table, inner, log)
    }
  }

  /// The node of `source` with them laid over it.
  func laid(over source: NodeSource) -> NodeSource {
    NodeSource(settings: tables.reduce(source.settings) { $0.overlaid(by: $1) })
  }

  private static func table(of text: String) -> TOMLTable? {
    guard let equals = text.firstIndex(of: "="), !text.contains("\n") else { return nil }
    let (key, value) = (text[..<equals], text[text.index(after: equals)...])
    if let table = try? TOMLTable(parsing: Array("\(key) = \(value)".utf8)) { return table }
    let quoted = value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    return try? TOMLTable(parsing: Array("\(key) = \"\(quoted)\"".utf8))
  }
}
