import Bytes
import TOML

/// Reads the keys of one table, reports what is wrong with them, and remembers which it was asked for.
///
/// Who reads a table asks for every key that the recipe language has there, whatever the others say: the keys asked for are the
/// table's vocabulary. Any other key is unknown, and the vocabulary is where the suggestion comes from.
final class TableReader {
  let settings: SettingTable
  let log: ProblemLog
  /// How messages name the table: "[root]"; nil for the top of a recipe.
  private let title: String?
  /// Whether messages name the table before each of its keys. The top does not want it, and a node's keys need not.
  private let qualifiesKeys: Bool
  private var vocabulary: [String] = []
  private var children: [TableReader] = []

  /// A reader of the top of a recipe, or of the table that messages call `title`.
  init(_ settings: SettingTable, title: String? = nil, log: ProblemLog) {
    self.settings = settings
    self.title = title
    self.log = log
    qualifiesKeys = !([nil, "[node]", "[[nodes]]"] as [String?]).contains(title)
  }

  /// How messages name a key of the table.
  func subject(_ key: String) -> String { (qualifiesKeys ? "\(title ?? "") " : "") + key }

  /// The value of `key` in `form`; nil if there is none, or none of the form, which is then reported.
  func value<Value>(_ key: String, _ form: Form<Value>) -> Value? {
    entry(key).flatMap { read($0.setting, of: key, form) }
  }

  /// The values of the array `key`, each in `form`; nil if there is no array. Those not of the form are reported.
  func list<Value>(_ key: String, of form: Form<Value>) -> [Value]? {
    elements(key)?.compactMap { read($0, of: key, form) }
  }

  /// The table of `key`; nil if there is none.
  func table(_ key: String) -> TableReader? {
    let path = qualifiesKeys ? "\(title?.dropFirst().dropLast() ?? "").\(key)" : key
    return entry(key).flatMap { child($0.setting, of: key, title: "[\(path)]") }
  }

  /// The tables of the array `key`.
  func tables(_ key: String) -> [TableReader] {
    (elements(key, of: "an array of tables, [[\(key)]]") ?? []).compactMap {
      child($0, of: key, title: "[[\(key)]]")
    }
  }

  /// Reports those of `keys` that are there: the recipe language has them, pibake does not handle them yet.
  func refuse(_ keys: String...) {
    for key in keys {
      guard let entry = entry(key) else { continue }
      let isTable = !qualifiesKeys && (entry.setting.table != nil || entry.setting.elements != nil)
      log.error("\(isTable ? "[\(key)]" : subject(key)) is not supported yet", at: entry.place)
    }
  }

  /// Reports every key of the table, and of the tables read from it, that nobody asked for.
  func reportUnknownKeys() {
    for entry in settings.entries where !vocabulary.contains(entry.name) {
      let near = entry.name.nearest(in: vocabulary).map { "; did you mean '\($0)'?" } ?? ""
      log.error("unknown key '\(entry.name.printable)'\(title.map { " in \($0)" } ?? "")\(near)", at: entry.place)
    }
    for child in children { child.reportUnknownKeys() }
  }
}

extension TableReader {
  /// Reports a second one of `keys`, of which the table may have one.
  func permitOne(of keys: [String]) {
    let present = settings.entries.filter { keys.contains($0.name) }
    guard let first = present.first else { return }
    for second in present.dropFirst() {
      log.error("\(subject(first.name)) and \(second.name) cannot both be given", at: second.place)
    }
  }

  /// Reports that the table has none of `keys`, or a second one.
  func requireOne(of keys: [String]) {
    permitOne(of: keys)
    if !settings.entries.contains(where: { keys.contains($0.name) }) {
      log.error("\(title ?? "the recipe") needs one of \(keys.joined(separator: ", "))", at: settings.place)
    }
  }

  /// Reports that the table does not have `key`.
  func require(_ key: String) {
    if settings[key] == nil { log.error("\(subject(key)) is missing", at: settings.place) }
  }

  private func entry(_ key: String) -> SettingTable.Entry? {
    vocabulary.append(key)
    return settings[key]
  }

  private func read<Value>(_ setting: Setting, of key: String, _ form: Form<Value>) -> Value? {
    switch form.read(setting) {
    case .success(let value): return value
    case .failure(let mismatch):
      let found = mismatch.found.map { qualifiesKeys ? " = \($0)" : " \($0)" } ?? ""
      log.error("\(subject(key))\(found)\(mismatch.joint)\(mismatch.message)", at: setting.place)
      return nil
    }
  }

  private func elements(_ key: String, of expected: String = "an array") -> [Setting]? {
    guard let entry = entry(key) else { return nil }
    if let elements = entry.setting.elements { return elements }
    log.error("\(subject(key)): expected \(expected), found \(entry.setting.kind)", at: entry.setting.place)
    return nil
  }

  private func child(_ setting: Setting, of key: String, title: String) -> TableReader? {
    guard let table = setting.table else {
      log.error("\(subject(key)): expected a table, found \(setting.kind)", at: setting.place)
      return nil
    }
    let child = TableReader(table, title: title, log: log)
    children.append(child)
    return child
  }
}
