import Dispatch
import Synchronization

/// Runs `work` for each index below `count` on all processors, and waits for all of them.
///
/// No more than `threads` are at work at a time. The indices are taken in ascending order, `batch` at a time; after a failure no new ones are begun.
///
/// - Throws: the error of the lowest index that failed before the others stopped.
package func parallel<Failure: Error>(
  _ count: Int, batch: Int = 1, threads limit: Int = .max, _ work: @Sendable (Int) throws(Failure) -> Void
) throws(Failure) {
  let next = Atomic<Int>(0)
  let first = Mutex<(index: Int, error: Failure)?>(nil)
  // Never more threads than batches: one small piece of work stays on this thread.
  let threads = min(limit, processorCount(), (count + batch - 1) / batch)
  DispatchQueue.concurrentPerform(iterations: max(threads, 1)) { _ in
    while first.withLock({ $0 == nil }) {
      let start = next.add(batch, ordering: .relaxed).oldValue
      guard start < count else { return }
      for index in start..<min(start + batch, count) {
        do throws(Failure) {
          try work(index)
        } catch {
          first.withLock { if $0.map({ index < $0.index }) ?? true { $0 = (index, error) } }
          return
        }
      }
    }
  }
  if let failure = first.withLock({ $0 }) { throw failure.error }
}

/// Does `other` on a thread of its own while this one does `own`. Unlike within `parallel`, each may use it in turn.
package func sideBySide<Other: Sendable, Own>(
  _ other: @escaping @Sendable () -> Other, and own: () -> Own
) -> (Other, Own) {
  let result = SharedResult<Other>()
  let group = DispatchGroup()
  DispatchQueue.global().async(group: group) {
    let value = other()
    result.value.withLock { $0 = value }
  }
  let value = own()
  group.wait()
  guard let other = result.value.withLock({ $0 }) else { preconditionFailure("the group is done") }
  return (other, value)
}

/// What one thread leaves for another.
private final class SharedResult<Value: Sendable>: Sendable {
  let value = Mutex<Value?>(nil)
}
