import Synchronization

/// Results that several threads fill in, each at its own index.
package final class ResultTable<Value: Sendable>: Sendable {
  private let table: Mutex<[Value?]>

  /// A table of `count` places without results.
  package init(count: Int) { table = Mutex([Value?](repeating: nil, count: count)) }

  /// Stores the result of one index.
  package func set(_ value: Value, at index: Int) { table.withLock { $0[index] = value } }

  /// All results so far.
  package var values: [Value?] { table.withLock { $0 } }
}
