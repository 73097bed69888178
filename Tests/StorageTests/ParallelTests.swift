import Dispatch
import Storage
import Synchronization
import Testing

@Suite struct ParallelTests {
  private struct Failed: Error, Equatable {
    let index: Int
  }

  /// Whether two pieces of work that run at the same time meet: each waits for the other.
  private func meet() -> Bool {
    let arrivals = [DispatchSemaphore(value: 0), DispatchSemaphore(value: 0)]
    let met = Atomic<Int>(0)
    parallel(2) { index in
      arrivals[index].signal()
      if arrivals[1 - index].wait(timeout: .now() + 20) == .success { met.add(1, ordering: .relaxed) }
    }
    return met.load(ordering: .relaxed) == 2
  }

  // A node that packs its disk while another waits for it must not be left with one processor.
  @Test(.enabled(if: processorCount() > 1, "one processor"))
  func `work within parallel work is parallel too`() {
    #expect(meet())
    let met = Atomic<Int>(0)
    parallel(2) { _ in if meet() { met.add(1, ordering: .relaxed) } }
    #expect(met.load(ordering: .relaxed) == 2)
    let (left, right) = sideBySide {
      meet()
    } and: {
      meet()
    }
    #expect(left && right)
  }

  @Test(arguments: [1, 7])
  func `all indices are done once, in batches`(batch: Int) {
    let counts = Mutex([Int](repeating: 0, count: 1000))
    parallel(1000, batch: batch) { index in counts.withLock { $0[index] += 1 } }
    #expect(counts.withLock { $0.allSatisfy { $0 == 1 } })
    parallel(0) { _ in Issue.record("there is no work") }
  }

  @Test func `the first failure is thrown, and nothing new begun`() {
    let begun = Atomic<Int>(0)
    #expect(throws: Failed(index: 3)) {
      try parallel(100_000) { (index) throws(Failed) in
        begun.add(1, ordering: .relaxed)
        if index >= 3 { throw Failed(index: index) }
      }
    }
    #expect(begun.load(ordering: .relaxed) < 1000)
  }
}
