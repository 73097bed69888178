import Testing

@testable import Baking

/// What is told once, and in which order.
struct WarningTests {
  @Test func `what is true of many nodes is said once, with their number`() {
    let warnings = NodeWarnings(count: 4)
    warnings.set(["asks for a user", "has its own"], at: 2)
    warnings.set(["asks for a user"], at: 0)
    warnings.set(["asks for a user", "asks for a user"], at: 3)
    warnings.set(["needs NFS"], at: 1)
    warnings.set(["needs NFS"], at: 1)
    #expect(
      warnings.lines(["a", "b", "c", "d"]) == [
        "a: asks for a user (and 2 more nodes)", "b: needs NFS", "c: has its own",
      ])
    let two = NodeWarnings(count: 2)
    for place in 0..<2 { two.set(["x"], at: place) }
    #expect(two.lines(["a", "b"]) == ["a: x (and 1 more node)"])
  }
}
