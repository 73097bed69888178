import Bytes
import TOML

/// The nodes of a `nodes_from` file: its header names keys, with dots for those of tables; each line is a node.
struct Inventory {
  /// What the elements of `[[nodes]]` would be. An empty cell says nothing; where a key takes an array, a cell holds its
  /// elements with semicolons between them.
  let nodes: [SettingTable]

  /// Reads the text of `file`, and reports what is wrong with its form.
  init(parsing bytes: [UInt8], in file: RecipeFile, log: ProblemLog) {
    let rows: [[CommaSeparatedValues.Cell]]
    do throws(CommaSeparatedValues.Problem) {
      rows = try CommaSeparatedValues(parsing: bytes).rows
    } catch {
      log.error(error.message, at: file.place(error.position))
      nodes = []
      return
    }
    guard let header = rows.first, let keys = Inventory.keys(of: header, in: file, log: log) else {
      if rows.isEmpty {
        log.error("expected a first line that names keys", at: file.place(TOMLPosition(line: 1, column: 1)))
      }
      nodes = []
      return
    }
    nodes = rows.dropFirst().compactMap { row in
      guard row.count == keys.count else {
        let place = file.place(row[min(row.count - 1, keys.count)].position)
        log.error("the line has \(row.count) cells, and the header \(keys.count)", at: place)
        return nil
      }
      return Inventory.node(row, keys, in: file)
    }
  }

  /// A column: the path of its key, and where the header says it.
  private struct Key {
    let path: [String]
    let place: RecipePlace
  }

  private static func keys(
    of header: [CommaSeparatedValues.Cell], in file: RecipeFile, log: ProblemLog
  ) -> [Key]? {
    var keys: [Key] = []
    var isSound = true
    for cell in header {
      let place = file.place(cell.position)
      let path = cell.text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
      if path.contains("") {
        log.error("expected a key such as name or root.disk_id, found \"\(cell.text.printable)\"", at: place)
        isSound = false
      } else if let first = keys.first(where: { $0.path.starts(with: path) || path.starts(with: $0.path) }) {
        let other = first.path.joined(separator: ".").printable
        log.error("key '\(cell.text.printable)' and '\(other)' (\(first.place)) are one", at: place)
        isSound = false
      }
      keys.append(Key(path: path, place: place))
    }
    if !keys.contains(where: { $0.path == ["name"] }) {
      log.error("the header has no key 'name'", at: keys.first?.place)
      isSound = false
    }
    return isSound ? keys : nil
  }

  private static func node(_ row: [CommaSeparatedValues.Cell], _ keys: [Key], in file: RecipeFile) -> SettingTable {
    let start = file.place(TOMLPosition(line: row[0].position.line, column: 1))
    var node = SettingTable([], place: start)
    for (cell, key) in zip(row, keys) where cell.text != "" {
      let setting = Setting(cell: cell.text, in: file, place: file.place(cell.position))
      node = node.setting(key.path[...], to: setting, keyPlace: key.place)
    }
    return node
  }
}

extension SettingTable {
  /// The table with `setting` at a path of keys, and tables on the way to it.
  fileprivate func setting(_ path: ArraySlice<String>, to setting: Setting, keyPlace: RecipePlace) -> SettingTable {
    guard let name = path.first else { return self }
    var result = self
    guard path.count > 1 else {
      result.set(Entry(name: name, place: keyPlace, setting: setting))
      return result
    }
    let below = self[name]?.setting.table ?? SettingTable([], place: setting.place)
    let table = below.setting(path.dropFirst(), to: setting, keyPlace: keyPlace)
    result.set(Entry(name: name, place: keyPlace, setting: Setting(.table(table), replacing: setting)))
    return result
  }
}
