import Baking
import Storage
import Synchronization

/// Shows a bake's steps on standard error, one line each with the time it took.
final class Reporter: Sendable {
  private let isQuiet: Bool
  private let lock = Mutex(())

  /// A reporter; a quiet one shows warnings only.
  init(isQuiet: Bool) { self.isQuiet = isQuiet }

  /// Shows `event`.
  func show(_ event: BakeEvent) {
    lock.withLock { _ in
      switch event {
      case .began(let subject, let work):
        // A line that the next one replaces; in a log it would only be noise.
        if Terminal.isWatched && !isQuiet { Terminal.show("\(subject): \(work) …") }
      case .done(let subject, let result, let time):
        if !isQuiet { Terminal.sayAlone("\(subject): \(result) (\(time.inSeconds))") }
      case .note(let text):
        if !isQuiet { Terminal.sayAlone(text) }
      case .warning(let text):
        Terminal.sayAlone("warning: \(text)")
      }
    }
  }
}

extension Duration {
  /// Seconds with two digits after the point.
  var inSeconds: String {
    let hundredths = components.seconds * 100 + components.attoseconds / 10_000_000_000_000_000
    let digits = String(hundredths % 100)
    return "\(hundredths / 100).\(digits.count == 1 ? "0" : "")\(digits) s"
  }
}
