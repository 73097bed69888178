import Synchronization

/// Runs `work` for each index below `count` on all processors, also within such work, and waits for all of them.
///
/// No more than `threads` are at work at a time, and never more than 32: each has buffers of its own, and no storage feeds
/// more. The indices are taken in ascending order, `batch` at a time; after a failure no new ones are begun.
///
/// - Throws: the error of the lowest index that failed before the others stopped.
package func parallel<Failure: Error>(
  _ count: Int, batch: Int = 1, threads limit: Int = .max, _ work: @Sendable (Int) throws(Failure) -> Void
) throws(Failure) {
  let next = Atomic<Int>(0)
  let first = Mutex<(index: Int, error: Failure)?>(nil)
  // Never more threads than batches: one small piece of work stays on this thread.
  let threads = min(limit, processorCount(), 32, (count + batch - 1) / batch)
  onThreads(threads) {
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

/// What `work` makes of each index below `count`, in their order; it runs as ``parallel(_:batch:threads:_:)`` does.
///
/// - Throws: the error of the lowest index that failed before the others stopped.
package func parallelMap<Value: Sendable, Failure: Error>(
  _ count: Int, batch: Int = 1, _ work: @Sendable (Int) throws(Failure) -> Value
) throws(Failure) -> [Value] {
  let results = ResultTable<Value>(count: count)
  try parallel(count, batch: batch) { (index) throws(Failure) in results.set(try work(index), at: index) }
  return results.values.compactMap(\.self)
}

/// Does both at the same time.
package func sideBySide<First: Sendable, Second: Sendable>(
  _ first: @Sendable () -> First, and second: @Sendable () -> Second
) -> (First, Second) {
  let left = Mutex<First?>(nil)
  let right = Mutex<Second?>(nil)
  parallel(2) { side in
    if side == 0 {
      let value = first()
      left.withLock { $0 = value }
    } else {
      let value = second()
      right.withLock { $0 = value }
    }
  }
  guard let left = left.withLock({ $0 }), let right = right.withLock({ $0 }) else {
    preconditionFailure("`parallel` returns after each index, and work that does not throw has set its value")
  }
  return (left, right)
}
