import Storage
import Synchronization

/// What the readers of one image met and read past, each thing once.
///
/// Readers of several partitions work side by side: sorted, what they say does not depend on which of them is faster.
package final class ImageWarnings: Sendable {
  private struct State {
    var texts: [String] = []
    var hasMore = false
  }

  /// More of them nobody reads: a hostile image holds millions.
  private static let limit = 20

  private let state = Mutex(State())

  /// None yet.
  package init() {}

  /// A policy for readers that are to tell what they read past.
  package var policy: ReadPolicy { ReadPolicy { self.add($0) } }

  /// Takes in what was read past, without the image's name.
  package func add(_ text: String) {
    state.withLock { state in
      let place = state.texts.firstIndex { $0 >= text } ?? state.texts.count
      guard place == state.texts.count || state.texts[place] != text else { return }
      state.texts.insert(text, at: place)
      guard state.texts.count > Self.limit else { return }
      state.texts.removeLast()
      state.hasMore = true
    }
  }

  /// What was taken in so far, sorted, with a word where that is not all.
  package var texts: [String] {
    state.withLock { $0.texts + ($0.hasMore ? ["there are more warnings than these \(Self.limit)"] : []) }
  }
}
