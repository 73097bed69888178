import Testing

@testable import Bytes

@Suite struct ByteCountTests {
  @Test(arguments: [
    (0, "0 bytes"), (999, "999 bytes"), (1000, "1.0 kB"), (1_049_999, "1.0 MB"), (2_835_349_504, "2.8 GB"),
  ])
  func `is decimal, with one digit`(_ count: Int, _ text: String) { #expect(ByteCount(count).description == text) }
}
