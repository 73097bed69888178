import Synchronization

/// How far a long work is: advanced by those who work, polled by who shows it, and cancelled by who wants it no more.
package final class Progress: Sendable {
  private let done = Atomic<Int>(0)
  private let cancelled = Atomic<Bool>(false)

  /// A work that has not begun.
  package init() {}

  /// Counts `count` bytes more.
  package func advance(by count: Int) { done.add(count, ordering: .relaxed) }

  /// The bytes so far.
  package var bytes: Int { done.load(ordering: .relaxed) }

  /// Asks those who work to stop at their next chance.
  package func cancel() { cancelled.store(true, ordering: .relaxed) }

  /// Whether the work is wanted no more.
  package var isCancelled: Bool { cancelled.load(ordering: .relaxed) }
}
