import SystemPackage
import TOML

/// A recipe file: what its places name, and what its relative paths are relative to.
struct RecipeFile {
  let path: FilePath

  /// The place of `position` in the file.
  func place(_ position: TOMLPosition) -> RecipePlace {
    RecipePlace(file: path.string, line: position.line, column: position.column)
  }

  /// The path that `text` means in this file.
  func resolve(_ text: String) -> FilePath { path.removingLastComponent().pushing(FilePath(text)) }
}

/// A value of a recipe that remembers its file, so that tables of several files can be laid over each other.
struct Setting {
  enum Content {
    case table(SettingTable)
    case array([Setting])
    case string(String)
    case integer(Int64, radix: Int)
    case boolean(Bool)
    /// Of a kind that no key takes.
    case other
  }
  let content: Content
  let file: RecipeFile
  let place: RecipePlace
  /// What it is, as a message says it: "a string".
  let kind: String
  /// Whether it is a cell of an inventory, which has no kinds: what the text is depends on what its key takes.
  let isCell: Bool

  init(_ value: TOMLValue, in file: RecipeFile) {
    self.file = file
    place = file.place(value.span.start)
    kind = value.kind
    isCell = false
    switch value.content {
    case .string(let text): content = .string(text)
    case .integer(let number, let radix): content = .integer(number, radix: radix)
    case .boolean(let truth): content = .boolean(truth)
    case .float, .dateTime: content = .other
    case .array(let values): content = .array(values.map { Setting($0, in: file) })
    case .table(let table): content = .table(SettingTable(table, in: file, place: place))
    }
  }

  /// `content` in the place of `original`.
  init(_ content: Content, replacing original: Setting) {
    self.content = content
    file = original.file
    place = original.place
    kind = original.kind
    isCell = false
  }

  /// A table by itself.
  init(_ table: SettingTable) {
    content = .table(table)
    file = RecipeFile(path: FilePath(table.place.file))
    place = table.place
    kind = "a table"
    isCell = false
  }

  /// A cell of an inventory.
  init(cell text: String, in file: RecipeFile, place: RecipePlace) {
    self.file = file
    self.place = place
    content = .string(text)
    kind = "a text"
    isCell = true
  }

  var table: SettingTable? {
    if case .table(let table) = content { table } else { nil }
  }

  var elements: [Setting]? {
    switch content {
    case .array(let elements): elements
    case .table(let table): table.addition
    case .string(let text) where isCell:
      text.split(separator: ";").map { element in
        let start = element.drop { $0 == " " }
        return Setting(cell: String(start.reversed().drop { $0 == " " }.reversed()), in: file, place: place)
      }
    default: nil
    }
  }

  /// The value as true or false.
  var boolean: Bool? {
    switch content {
    case .boolean(let truth): truth
    case .string("true") where isCell: true
    case .string("false") where isCell: false
    default: nil
    }
  }

  /// The value as an integer.
  var integer: Int64? {
    switch content {
    case .integer(let number, _): number
    case .string(let text) where isCell: Int64(text)
    default: nil
    }
  }
}

/// A table of a recipe, from one file or from several that were laid over each other.
struct SettingTable {
  struct Entry {
    let name: String
    /// The key's place.
    let place: RecipePlace
    var setting: Setting
  }

  private(set) var entries: [Entry]
  /// Where the table begins.
  let place: RecipePlace

  init(_ table: TOMLTable, in file: RecipeFile, place: RecipePlace) {
    entries = table.entries.map {
      Entry(name: $0.key.name, place: file.place($0.key.span.start), setting: Setting($0.value, in: file))
    }
    self.place = place
  }

  init(_ entries: [Entry], place: RecipePlace) {
    self.entries = entries
    self.place = place
  }

  subscript(name: String) -> Entry? { entries.first { $0.name == name } }

  /// The entry that a path of keys leads to.
  subscript(path: [String]) -> Entry? {
    guard let name = path.last else { return nil }
    return path.dropLast().reduce(self as SettingTable?) { $0?[$1]?.setting.table }?[name]
  }

  /// Puts `entry` where its name is, or at the end.
  mutating func set(_ entry: Entry) {
    if let index = entries.firstIndex(where: { $0.name == entry.name }) {
      entries[index] = entry
    } else {
      entries.append(entry)
    }
  }

  /// The elements of `{ add = […] }`, which stands for an array of what an earlier file says and more; nil for another table.
  var addition: [Setting]? {
    guard entries.count == 1, entries[0].name == "add", case .array(let elements) = entries[0].setting.content else {
      return nil
    }
    return elements
  }

  /// The table without some of its keys.
  func removing(_ names: some Collection<String>) -> SettingTable {
    SettingTable(entries.filter { !names.contains($0.name) }, place: place)
  }
}
