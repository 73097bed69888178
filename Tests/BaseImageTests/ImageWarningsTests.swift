import Storage
import Testing

@testable import BaseImage

/// What is wrong with an image is told once, and in one order.
struct ImageWarningsTests {
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
