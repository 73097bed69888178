import Bytes
import Testing

@testable import Storage

@Suite struct RunCursorTests {
  private static let runs: [Run] = [.zeros(0), .bytes([1, 2, 3]), .zeros(2), .bytes([4, 5]), .zeros(0)]

  private func bytes(of runs: [Run]) throws -> [UInt8] {
    let source = RunSource(runs, name: "runs")
    return try source.read(at: 0, count: source.size)
  }

  @Test func `goes over runs without bytes, and stops at the end`() {
    var cursor = RunCursor(Self.runs)
    #expect(cursor.rest == 3 && cursor.done == 0)
    cursor.skip(4)
    #expect(cursor.rest == 1 && cursor.done == 1)
    cursor.skip(to: 2)
    #expect(cursor.rest == 1, "a place before this one changes nothing")
    cursor.skip(100)
    #expect(cursor.current == nil && cursor.rest == 0 && cursor.done == 0)
    #expect(RunCursor([]).current == nil)
  }

  @Test func `cuts runs at every pair of places`() throws {
    let whole = try bytes(of: Self.runs)
    for start in 0...whole.count {
      for end in start...whole.count {
        var cursor = RunCursor(Self.runs)
        var (head, middle, tail) = ([Run](), [Run](), [Run]())
        cursor.append(to: &head, upTo: start)
        cursor.append(to: &middle, upTo: end)
        cursor.append(to: &tail, upTo: .max)
        #expect(try bytes(of: head) == Array(whole[..<start]) && bytes(of: middle) == Array(whole[start..<end]))
        #expect(try bytes(of: tail) == Array(whole[end...]))
        let replaced = Self.runs.replacing([(start..<end, [.bytes([9]), .zeros(1)])])
        #expect(try bytes(of: replaced) == Array(whole[..<start] + [9, 0] + whole[end...]))
      }
    }
  }
}
