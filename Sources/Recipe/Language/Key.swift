/// A key of the recipe language, which takes one value: the only place that says what it is called, what it takes, and what people are
/// told of it.
struct Key<Value>: Sendable {
  let name: String
  let form: Form<Value>
  let note: KeyNote

  /// The key `name`, whose value is of `form`.
  ///
  /// - Parameters:
  ///   - summary: one sentence on what it does.
  ///   - example: a value, as TOML writes it.
  ///   - fallback: what holds where the key is left out.
  init(
    _ name: String, _ form: Form<Value>, _ summary: String, example: String, fallback: String? = nil,
    preseed: String? = nil, needs: String? = nil
  ) {
    self.name = name
    self.form = form
    note = KeyNote(summary: summary, example: example, fallback: fallback, preseed: preseed, needs: needs)
  }
}

/// A key that takes an array of values, each of one form.
struct ListKey<Value>: Sendable {
  let name: String
  let form: Form<Value>
  /// Whether one value alone stands for an array of it.
  let takesOne: Bool
  let note: KeyNote

  /// The key `name`, whose elements are of `form`; the other parameters are those of a `Key`.
  init(
    _ name: String, of form: Form<Value>, takesOne: Bool = false, _ summary: String, example: String,
    fallback: String? = nil, preseed: String? = nil, needs: String? = nil
  ) {
    self.name = name
    self.form = form
    self.takesOne = takesOne
    note = KeyNote(summary: summary, example: example, fallback: fallback, preseed: preseed, needs: needs)
  }
}

/// What people are told of a key, beside its form.
package struct KeyNote: Sendable {
  /// One sentence on what the key does.
  package let summary: String
  /// A value, as TOML writes it.
  package let example: String
  /// What holds where the key is left out; nil: nothing is done.
  package let fallback: String?
  /// The key of `rpi-preseed.toml` that says the same.
  package let preseed: String?
  /// What the image must have for it.
  package let needs: String?
}

/// One key as a table of the language lists it, whatever its value's type.
package struct KeyEntry: Sendable {
  /// What the key takes.
  package indirect enum Kind: Sendable {
    /// One value.
    case value(ValueCheck)
    /// An array of values.
    case list(ValueCheck, takesOne: Bool)
    /// A table.
    case table(TableKeys)
    /// An array of tables.
    case tables(TableKeys)
    /// A table, or an array of such tables.
    case tableOrTables(TableKeys)
    /// A table of tables with names that users choose, such as `[tags.rack1]`; each holds tables of a recipe.
    case named(TableKeys)
    /// What the language has, and this pibake does not do yet.
    case missing
    /// What other code reads and checks.
    case anything(Schema)
  }
  package let name: String
  package let kind: Kind
  package let note: KeyNote

  /// The keys of the table that it takes; nil if it takes something else.
  var inner: TableKeys? {
    switch kind {
    case .table(let keys), .tableOrTables(let keys): keys
    case .value, .list, .tables, .named, .missing, .anything: nil
    }
  }

  /// Whether no message may show its value.
  var isSecret: Bool {
    switch kind {
    case .value(let check), .list(let check, _): check.isSecret
    case .table, .tables, .tableOrTables, .named, .missing, .anything: false
    }
  }
}

/// How a value is checked.
package struct ValueCheck: Sendable {
  /// Why a setting is not of the form; nil if it is.
  let mismatch: @Sendable (Setting) -> Mismatch?
  package let schema: Schema
  /// What the value must be, in words.
  package let words: String
  /// Whether no message may show the value.
  package let isSecret: Bool

  init<Value>(_ form: Form<Value>) {
    mismatch = { setting in
      if case .failure(let mismatch) = form.read(setting) { mismatch } else { nil }
    }
    schema = form.schema
    words = form.words
    isSecret = form.isSecret
  }
}

/// A key that a table of the language may list.
protocol LanguageKey: Sendable {
  var entry: KeyEntry { get }
}

extension Key: LanguageKey {
  var entry: KeyEntry { KeyEntry(name: name, kind: .value(ValueCheck(form)), note: note) }
}

extension ListKey: LanguageKey {
  var entry: KeyEntry { KeyEntry(name: name, kind: .list(ValueCheck(form), takesOne: takesOne), note: note) }
}

extension KeyEntry: LanguageKey {
  var entry: KeyEntry { self }

  /// A table that the language has, and this pibake does not do yet.
  static func missing(_ name: String, _ summary: String) -> KeyEntry {
    KeyEntry(
      name: name, kind: .missing,
      note: KeyNote(summary: summary, example: "", fallback: nil, preseed: nil, needs: nil))
  }
}
