/// What the language says of a key or a table, for people.
package struct Explanation: Sendable {
  /// The lines of the text.
  package let lines: [String]

  /// The whole language, table by table: the reference.
  package static var all: Explanation {
    var lines = ["Keys at the top of a recipe"] + RecipeLanguage.top.keys.filter { !$0.isTable }.map(line)
    for table in RecipeLanguage.tables where !["nodes", "tags"].contains(table.path) {
      lines += ["", "\(table.title)  \(table.keys.summary)"] + table.keys.all.filter { !$0.isTable }.map(line)
    }
    let missing = RecipeLanguage.top.keys.filter(\.isMissing).map { "[\($0.name)]" }
    return Explanation(
      lines: lines + (missing.isEmpty ? [] : ["", "Not supported yet: \(missing.joined(separator: ", "))"]))
  }

  /// What is said of `words`: "root.on", "[root] on", "on" or "root"; nil if the language has no such key.
  package init?(of words: String) {
    let path = words.split { "[]. ".contains($0) }.map(String.init)
    guard let name = path.last else { return nil }
    let home = path.dropLast().joined(separator: ".")
    let found = RecipeLanguage.tables.filter { !["nodes", "tags"].contains($0.path) }
      .filter { home.isEmpty || $0.path == home }.compactMap { table in
        table.keys.all.first { $0.name == name }.map { (table.title, $0) }
      }
      .filter { !$0.1.isTable }
    let top = home.isEmpty ? RecipeLanguage.top[name] : nil
    var blocks = found.map { title, key in Explanation.block("\(title) \(name)", key) }
    if let top, !top.isTable { blocks.insert(Explanation.block(name, top), at: 0) }
    if let table = RecipeLanguage.tables.first(where: { $0.path == path.joined(separator: ".") }) {
      blocks.insert(["\(table.title)  \(table.keys.summary)"] + table.keys.all.map(Explanation.line), at: 0)
    }
    guard !blocks.isEmpty else { return nil }
    lines = Array(blocks.joined(separator: [""]))
  }

  private init(lines: [String]) { self.lines = lines }

  private static func line(_ key: KeyEntry) -> String {
    let name = key.name + String(repeating: " ", count: max(0, 24 - key.name.count))
    return "  \(name) \(key.note.summary)"
  }

  private static func block(_ title: String, _ key: KeyEntry) -> [String] {
    var facts: [(String, String?)] = [("takes", key.words)]
    if !key.note.example.isEmpty { facts.append(("example", "\(key.name) = \(key.note.example)")) }
    facts += [
      ("left out", key.note.fallback), ("needs", key.note.needs), ("rpi-preseed", key.note.preseed),
      ("secret", key.isSecret ? "no message, log or manifest shows it" : nil),
    ]
    return [title, "  \(key.note.summary)"]
      + facts.compactMap { name, text in
        text.map { "  \(name)\(String(repeating: " ", count: 12 - name.count)) \($0)" }
      }
  }
}

extension KeyEntry {
  /// Whether its value is a table, or several.
  fileprivate var isTable: Bool {
    switch kind {
    case .table, .tables, .tableOrTables, .named, .missing: true
    case .value, .list, .anything: false
    }
  }

  fileprivate var isMissing: Bool { if case .missing = kind { true } else { false } }

  /// What the key takes, in a few words.
  fileprivate var words: String {
    switch kind {
    case .value(let check): check.words
    case .list(let check, let takesOne):
      (takesOne ? "\(check.words), or " : "")
        + "an array, each element \(check.words); { add = […] } adds to that of an earlier file"
    case .table, .tables, .tableOrTables, .named: "a table"
    case .missing: "nothing yet"
    case .anything(let schema): "\(schema.words), or an array of them"
    }
  }
}
