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

  @Test func `readers side by side say the same whichever is faster`() {
    let texts = (0..<30).map { "partition \($0 % 10): \($0)" }
    let one = ImageWarnings()
    let other = ImageWarnings()
    for text in texts { one.policy.warn(text) }
    for text in texts.reversed() + texts { other.policy.warn(text) }
    #expect(one.texts == other.texts && one.texts.count == 21)
    #expect(one.texts.last == "there are more warnings than these 20")
  }
}
