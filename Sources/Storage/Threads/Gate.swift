import Dispatch

/// Lets a number of threads through at a time: what bounds the memory of work that many may begin.
package final class Gate: Sendable {
  private let places: DispatchSemaphore

  /// A gate for `count` threads.
  package init(_ count: Int) { places = DispatchSemaphore(value: max(count, 1)) }

  /// Does `body` when there is a place.
  package func pass<Value: ~Copyable, Failure: Error>(
    _ body: () throws(Failure) -> Value
  ) throws(Failure) -> Value {
    places.wait()
    defer { places.signal() }
    return try body()
  }
}
