import Bytes
import Synchronization

/// The progress of a long task: the threads that work advance it, a display polls it, and an interrupt cancels it.
package final class Progress: Sendable {
  private let done = Atomic<Int>(0)
  private let cancelled = Atomic<Bool>(false)

  /// A work that has not begun.
  package init() {}

  /// Counts `count` bytes more.
  package func advance(by count: Int) { done.add(count, ordering: .relaxed) }

  /// The bytes so far.
  package var bytes: Int { done.load(ordering: .relaxed) }

  /// Asks the threads that work to stop at the next point where they check.
  package func cancel() { cancelled.store(true, ordering: .relaxed) }

  /// Whether the work is wanted no more.
  package var isCancelled: Bool { cancelled.load(ordering: .relaxed) }
}

/// The end of work that the operator wanted no more: control-C was pressed.
package struct Interrupted: Failure {
  package init() {}

  package var kind: FailureKind { .io }
  package var description: String { "interrupted" }
}

extension Progress {
  /// Ends work that is wanted no more.
  package func check() throws(Interrupted) { if isCancelled { throw Interrupted() } }
}
