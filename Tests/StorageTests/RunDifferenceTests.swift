import Testing

@testable import Storage

struct RunDifferenceTests {
  private let source = MemorySource([UInt8](repeating: 7, count: 1 << 20))

  private func difference(_ first: [Run], _ second: [Run]) -> [Range<Int>] {
    let ranges = RunDifference(between: first, and: second).ranges
    #expect(RunDifference(between: second, and: first).ranges == ranges, "whichever comes first")
    return ranges
  }

  @Test func `the same runs do not differ, however they are cut`() {
    let whole: [Run] = [.zeros(10), .source(source, offset: 5, count: 100), .bytes([1, 2, 3, 4])]
    let parts: [Run] = [
      .zeros(4), .zeros(6), .source(source, offset: 5, count: 60), .source(source, offset: 65, count: 40),
      .bytes([]), .bytes([1, 2]), .bytes([3, 4]),
    ]
    #expect(difference(whole, whole) == [])
    #expect(difference(whole, parts) == [])
    #expect(difference([], []) == [])
  }

  @Test func `sources differ by identity and by offset, without being read`() {
    let other = MemorySource([UInt8](repeating: 7, count: 1 << 20))
    #expect(difference([.source(source, offset: 0, count: 9)], [.source(other, offset: 0, count: 9)]) == [0..<9])
    #expect(difference([.source(source, offset: 0, count: 9)], [.source(source, offset: 1, count: 9)]) == [0..<9])
    let joined: [Run] = [.zeros(100), .source(source, offset: 0, count: 50), .zeros(100)]
    #expect(difference(joined, [.zeros(250)]) == [100..<150])
  }

  @Test func `bytes differ by content, in pieces of a sector`() {
    var bytes = [UInt8](repeating: 1, count: 5000)
    let before: [Run] = [.zeros(100), .bytes(bytes)]
    bytes[1000] = 2
    bytes[4999] = 2
    #expect(difference(before, [.zeros(100), .bytes(bytes)]) == [1024..<1536, 4608..<5100])
    #expect(difference([.bytes([UInt8](repeating: 0, count: 999))], [.zeros(999)]) == [])
    var sparse = [UInt8](repeating: 0, count: 2048)
    sparse[700] = 1
    #expect(difference([.bytes(sparse)], [.zeros(2048)]) == [512..<1024])
  }

  @Test func `outside the ranges the bytes are the same, inside they cover every difference`() throws {
    var seed: UInt64 = 42
    func random(_ limit: Int) -> Int {
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(seed >> 33) % limit
    }
    let noise = MemorySource((0..<5000).map { _ in UInt8(random(3)) })
    func runs() -> [Run] {
      var left = 20_000
      var runs: [Run] = []
      while left > 0 {
        let count = min(left, 1 + random(2000))
        switch random(3) {
        case 0: runs.append(.zeros(count))
        case 1: runs.append(.bytes([UInt8](repeating: UInt8(random(2)), count: count)))
        default: runs.append(.source(noise, offset: 1000 * random(3), count: count))
        }
        left -= count
      }
      return runs
    }
    for _ in 0..<50 {
      let (first, second) = (runs(), runs())
      let (a, b) = (RunSource(first, name: "a"), RunSource(second, name: "b"))
      var (left, right) = (try a.read(at: 0, count: a.size), try b.read(at: 0, count: b.size))
      let ranges = difference(first, second)
      for (range, next) in zip(ranges, ranges.dropFirst()) { #expect(range.upperBound < next.lowerBound) }
      for range in ranges {
        left.replaceSubrange(range, with: [UInt8](repeating: 0, count: range.count))
        right.replaceSubrange(range, with: [UInt8](repeating: 0, count: range.count))
      }
      #expect(left == right)
    }
  }

  @Test func `a hundred thousand runs take milliseconds`() {
    let first = (0..<100_000).map { Run.source(source, offset: $0 % 1000, count: 4096) }
    var second = first
    second[70_000] = .zeros(4096)
    let time = ContinuousClock().measure {
      #expect(RunDifference(between: first, and: second).ranges == [70_000 * 4096..<70_001 * 4096])
    }
    // Unoptimized and on a busy machine; optimized it takes a few milliseconds.
    #expect(time < .seconds(1))
  }

  @Test func `runs are read and sliced at any place`() throws {
    let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0) }
    let runs: [Run] = [.bytes(Array(bytes[..<10])), .source(MemorySource(bytes), offset: 10, count: 900), .zeros(90)]
    let source = RunSource(runs, name: "runs")
    #expect(source.size == 1000)
    let whole = Array(bytes[..<910]) + [UInt8](repeating: 0, count: 90)
    for (start, end) in [(0, 1000), (0, 0), (5, 15), (9, 10), (10, 10), (905, 915), (999, 1000), (1000, 1000)] {
      #expect(try source.read(at: start, count: end - start) == Array(whole[start..<end]))
      #expect(source.slice(start..<end).reduce(0) { $0 + $1.count } == end - start)
    }
    #expect(throws: IOError.self) { try source.read(at: 999, count: 2) }
  }
}
