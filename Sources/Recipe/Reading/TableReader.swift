/// Reads the values of one table, which ``LanguageCheck`` has checked: what is of a wrong form is reported by then, and counts as left out.
struct TableReader {
  let settings: SettingTable
  private let log: ProblemLog
  private let title: TableTitle

  /// A reader of the table that messages call `title`, or of the top of a recipe.
  init(_ settings: SettingTable, title: TableTitle = TableTitle(nil), log: ProblemLog) {
    self.settings = settings
    self.title = title
    self.log = log
  }

  /// The value of `key`; nil if there is none.
  subscript<Value>(key: Key<Value>) -> Value? { settings.value([key.name], key.form) }

  /// The values of the array `key`; nil if there is no array.
  subscript<Value: Sendable & Hashable>(key: ListKey<Value>) -> [Value]? {
    located(key).map { $0.map(\.value) }
  }

  /// The value of `key` with its place; nil if there is none.
  func located<Value>(_ key: Key<Value>) -> Located<Value>? {
    self[key].map { Located($0, at: settings[key.name]?.setting.place) }
  }

  /// The values of the array `key` with their places; nil if there is no array.
  func located<Value>(_ key: ListKey<Value>) -> [Located<Value>]? {
    guard let setting = settings[key.name]?.setting else { return nil }
    return (setting.elements ?? (key.takesOne ? [setting] : nil))?.compactMap { element in
      (try? key.form.read(element).get()).map { Located($0, at: element.place) }
    }
  }

  /// The key and its value as they are written; nil without them.
  func entry<Value>(_ key: Key<Value>) -> SettingTable.Entry? { settings[key.name] }

  /// The table `keys.name`, empty where there is none.
  func table(_ keys: TableKeys) -> TableReader {
    optionalTable(keys)
      ?? TableReader(SettingTable([], place: settings.place), title: title.beneath(keys.name), log: log)
  }

  /// The table `keys.name`; nil if there is none.
  func optionalTable(_ keys: TableKeys) -> TableReader? {
    settings[keys.name]?.setting.table.map { TableReader($0, title: title.beneath(keys.name), log: log) }
  }

  /// The tables of the array `name`.
  func tables(_ name: String, _ keys: TableKeys) -> [TableReader] {
    (settings[name]?.setting.elements ?? []).compactMap { element in
      element.table.map { TableReader($0, title: TableTitle("[[\(name)]]"), log: log) }
    }
  }

  /// The table `keys.name`, or those of an array of that name.
  func tableOrTables(_ keys: TableKeys) -> [TableReader] {
    optionalTable(keys).map { [$0] } ?? tables(keys.name, keys)
  }

  /// The keys that users have named, each with its value.
  func others<Value>(_ keys: TableKeys, _ form: Form<Value>) -> [(name: Located<String>, value: Value)] {
    settings.entries.filter { keys[$0.name] == nil }.compactMap { entry in
      (try? form.read(entry.setting).get()).map { (Located(entry.name, at: entry.place), $0) }
    }
  }

  /// Reports what the author should know of `key`.
  func warn(_ key: String, _ message: String, at place: RecipePlace) {
    log.warning("\(title.subject(key)) \(message)", at: place)
  }

  /// Reports what is wrong with `key`.
  func fail(_ key: String, _ message: String, at place: RecipePlace) {
    log.error("\(title.subject(key)) \(message)", at: place)
  }
}
