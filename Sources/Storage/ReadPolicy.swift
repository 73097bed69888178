import Synchronization

/// How a reader treats what is wrong but can be read past.
package struct ReadPolicy: Sendable {
  /// Whether a wrong checksum is an error; if not, it is warned of.
  package var verifiesChecksums: Bool
  /// Takes what was wrong and read past, without the image's name.
  package var warn: @Sendable (String) -> Void

  /// A policy that by default trusts nothing and tells nobody.
  package init(verifiesChecksums: Bool = true, warn: @escaping @Sendable (String) -> Void = { _ in }) {
    self.verifiesChecksums = verifiesChecksums
    self.warn = warn
  }

  /// This policy for a part of an image: its warnings begin with `name` and a colon.
  package func within(_ name: String) -> ReadPolicy {
    let warn = self.warn
    return ReadPolicy(verifiesChecksums: verifiesChecksums) { warn("\(name): \($0)") }
  }
}

/// Passes warnings on, each once and not more of them than a person reads: a hostile image holds millions.
package final class WarningGate: Sendable {
  private let show: @Sendable (String) -> Void
  private let limit: Int
  private let shown = Mutex<Set<String>>([])

  /// A gate that gives the first `limit` different warnings to `show`, and then a word that there are more.
  package init(limit: Int = 20, show: @escaping @Sendable (String) -> Void) {
    self.limit = limit
    self.show = show
  }

  /// Shows `warning`, unless it was shown before or too many were.
  package func pass(_ warning: String) {
    let place = shown.withLock { shown in
      guard shown.count <= limit, shown.insert(warning).inserted else { return limit + 2 }
      return shown.count
    }
    if place <= limit { show(warning) }
    if place == limit + 1 { show("there are more warnings than these \(limit)") }
  }
}
