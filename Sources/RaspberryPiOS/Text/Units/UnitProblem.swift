import FileTree

/// Why a unit, or one link of it, could not be enabled, disabled or masked.
struct UnitProblem: Error {
  enum Kind: Sendable {
    /// No file of the unit is there.
    case missing
    /// The unit is an alias of one that is not there.
    case dangling
    /// Units that belong together are more, or larger, than pibake reads.
    case endless
    case other
  }

  let kind: Kind
  /// What is so and what was expected: one sentence, lower case, no full stop.
  let text: String
  /// What to do about it.
  let hint: String?

  init(_ text: String, kind: Kind = .other, hint: String? = nil) {
    self.kind = kind
    self.text = text
    self.hint = hint
  }

  init(_ error: RaspberryPiOSError) { self.init(error.description, hint: error.hint) }
}
