/// A table of the recipe language: its keys, and which of them go together.
package struct TableKeys: Sendable {
  /// Keys that exclude each other in a table. One in a later file replaces those in earlier files.
  package struct Exclusive: Sendable {
    package let keys: [String]
    /// What belongs to a displaced key, and is displaced with it.
    let dependents: [String]
    /// Whether one must be there.
    package let isRequired: Bool

    /// At most one of `keys`, or exactly one.
    init(_ keys: [String], dependents: [String] = [], isRequired: Bool = false) {
      self.keys = keys
      self.dependents = dependents
      self.isRequired = isRequired
    }
  }

  /// The last part of its name: "cmdline" for `[boot.cmdline]`.
  package let name: String
  /// One sentence on what the table is about.
  package let summary: String
  package let keys: [KeyEntry]
  package let exclusives: [Exclusive]
  /// Keys that must be there.
  package let required: [String]
  /// What a key of any other name takes, where users choose the names; its own name says what those stand for, in capitals.
  package let others: KeyEntry?

  init(
    _ name: String, _ summary: String, _ keys: [any LanguageKey], exclusives: [Exclusive] = [], required: [String] = [],
    others: (any LanguageKey)? = nil
  ) {
    self.others = others?.entry
    self.name = name
    self.summary = summary
    self.keys = keys.map(\.entry)
    self.exclusives = exclusives
    self.required = required
  }

  /// The keys, and what stands for those that users name.
  var all: [KeyEntry] { keys + (others.map { [$0] } ?? []) }

  /// The key called `name`; nil if the table has none.
  package subscript(name: String) -> KeyEntry? { keys.first { $0.name == name } }

  /// The table as a key of the table above it.
  var table: KeyEntry { KeyEntry(name: name, kind: .table(self), note: note) }

  /// The table, or an array of such tables, as a key of the table above.
  var tableOrTables: KeyEntry { KeyEntry(name: name, kind: .tableOrTables(self), note: note) }

  /// An array of such tables as a key of the table above.
  func tables(_ name: String? = nil) -> KeyEntry { KeyEntry(name: name ?? self.name, kind: .tables(self), note: note) }

  private var note: KeyNote { KeyNote(summary: summary, example: "", fallback: nil, preseed: nil, needs: nil) }
}
