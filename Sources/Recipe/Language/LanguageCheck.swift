import Bytes

/// Checks tables as a file says them against the recipe language: unknown keys, wrong values, keys that exclude each other.
struct LanguageCheck {
  let log: ProblemLog

  /// Reports what is wrong with `settings`, a table of the kind `keys`.
  func check(_ settings: SettingTable, _ keys: TableKeys, title: TableTitle) {
    for entry in settings.entries {
      guard let key = keys[entry.name] ?? keys.others else {
        log.error(unknown(entry.name, in: keys, title), at: entry.place)
        continue
      }
      check(entry, key, title)
    }
    for key in keys.required where settings[key] == nil {
      log.error("\(title.subject(key)) is missing", at: settings.place)
    }
    for rule in keys.exclusives { check(settings, rule, keys, title) }
  }

  private func check(_ entry: SettingTable.Entry, _ key: KeyEntry, _ title: TableTitle) {
    let (name, setting) = (entry.name, entry.setting)
    switch key.kind {
    case .value(let check): report(check.mismatch(setting), of: name, at: setting, title)
    case .list(let check, let takesOne):
      let isOne = takesOne && setting.elements == nil && setting.table == nil
      for element in isOne ? [setting] : elements(setting, of: name, "an array", title) {
        report(check.mismatch(element), of: name, at: element, title)
      }
    case .table(let keys):
      if let table = table(setting, of: name, title) { self.check(table, keys, title: title.beneath(name)) }
    case .tableOrTables(let keys) where setting.table != nil:
      if let table = setting.table { check(table, keys, title: title.beneath(name)) }
    case .tables(let keys), .tableOrTables(let keys):
      let isTable = if case .tableOrTables = key.kind { "[\(name)], or " } else { "" }
      for element in elements(setting, of: name, "\(isTable)an array of tables, [[\(name)]]", title) {
        if let table = table(element, of: name, title) { check(table, keys, title: TableTitle("[[\(name)]]")) }
      }
    case .named(let keys):
      for named in table(setting, of: name, title)?.entries ?? [] {
        let path = "[\(name).\(named.name.printable)]"
        if let table = table(named.setting, of: path, TableTitle(nil)) { check(table, keys, title: TableTitle(path)) }
      }
    case .missing:
      let isTable = title.isTop && (setting.table != nil || setting.elements != nil)
      log.error("\(isTable ? "[\(name)]" : title.subject(name)) is not supported yet", at: entry.place)
    case .anything: break
    }
  }

  private func report(_ mismatch: Mismatch?, of key: String, at setting: Setting, _ title: TableTitle) {
    guard let mismatch else { return }
    let found = mismatch.found.map { title.qualifiesKeys ? " = \($0)" : " \($0)" } ?? ""
    log.error("\(title.subject(key))\(found)\(mismatch.joint)\(mismatch.message)", at: setting.place)
  }

  private func elements(_ setting: Setting, of key: String, _ expected: String, _ title: TableTitle) -> [Setting] {
    if let elements = setting.elements { return elements }
    log.error("\(title.subject(key)): expected \(expected), found \(setting.kind)", at: setting.place)
    return []
  }

  private func table(_ setting: Setting, of key: String, _ title: TableTitle) -> SettingTable? {
    if let table = setting.table { return table }
    log.error("\(title.subject(key)): expected a table, found \(setting.kind)", at: setting.place)
    return nil
  }

  private func check(_ settings: SettingTable, _ rule: TableKeys.Exclusive, _ keys: TableKeys, _ title: TableTitle) {
    let present = settings.entries.filter { rule.keys.contains($0.name) }
    if let first = present.first {
      for second in present.dropFirst() {
        log.error(
          "\(title.subject(shown(first, keys))) and \(shown(second, keys)) cannot both be given", at: second.place)
      }
    } else if rule.isRequired {
      log.error("\(title.text ?? "the recipe") needs one of \(rule.keys.joined(separator: ", "))", at: settings.place)
    }
  }

  /// A key as a message names it beside another: tables in brackets.
  private func shown(_ entry: SettingTable.Entry, _ keys: TableKeys) -> String {
    switch keys[entry.name]?.kind {
    case .table: "[\(entry.name)]"
    case .tables, .tableOrTables: "[[\(entry.name)]]"
    default: entry.name
    }
  }

  private func unknown(_ name: String, in keys: TableKeys, _ title: TableTitle) -> String {
    let place = title.text.map { " in \($0)" } ?? ""
    return "unknown key '\(name.printable)'\(place)" + (suggestion(for: name, in: keys).map { "; \($0)" } ?? "")
  }

  /// What was probably meant by a key that the table does not have; nil if nothing is close.
  private func suggestion(for name: String, in keys: TableKeys) -> String? {
    if let near = name.nearest(in: keys.keys.map(\.name)) { return "did you mean '\(near)'?" }
    if let here = ForeignWord.meaning(of: name) { return here }
    let homes = RecipeLanguage.tables(having: name)
    return homes.isEmpty || homes.count > 3 ? nil : "'\(name)' is a key of \(homes.joined(separator: " and "))"
  }
}

/// How messages name a table and its keys.
struct TableTitle {
  /// "[root]"; nil for the top of a recipe.
  let text: String?

  init(_ text: String?) { self.text = text }

  var isTop: Bool { !qualifiesKeys }

  /// Whether messages name the table before each of its keys. The top does not want it, and a node's keys need not.
  var qualifiesKeys: Bool { !([nil, "[node]", "[[nodes]]"] as [String?]).contains(text) }

  /// How messages name a key of the table.
  func subject(_ key: String) -> String { (qualifiesKeys ? "\(text ?? "") " : "") + key }

  /// The title of the table `key` in this one.
  func beneath(_ key: String) -> TableTitle {
    TableTitle("[\(qualifiesKeys ? "\(text?.dropFirst().dropLast() ?? "").\(key)" : key)]")
  }
}
