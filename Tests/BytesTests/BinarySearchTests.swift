import Testing

@testable import Bytes

@Suite struct `A binary search` {
  @Test func `finds where the second part begins, in collections of every length`() {
    for count in 0...9 {
      for first in 0...count {
        #expect(Array(0..<count).partitioningIndex { $0 >= first } == first)
        // A slice and a range keep their own indices.
        #expect(Array(-5..<count)[5...].partitioningIndex { $0 >= first } == first + 5)
        #expect((3..<3 + count).partitioningIndex { $0 >= 3 + first } == 3 + first)
      }
    }
  }

  @Test func `asks at most once a bit of the length`() {
    var asked = 0
    let index = (0..<1_000_000).partitioningIndex {
      asked += 1
      return $0 >= 777_777
    }
    #expect(index == 777_777 && asked <= 20)
  }
}
