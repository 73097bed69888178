import Storage
import Testing

struct RunTests {
  @Test func `runs that touch become one, and others stay apart`() {
    let source = MemorySource([UInt8](repeating: 1, count: 100))
    let other = MemorySource([UInt8](repeating: 1, count: 100))
    var list = RunList()
    list.append(.zeros(0))
    list.append(.bytes([]))
    #expect(list.runs.isEmpty && list.end == 0)
    list.append(.source(source, offset: 10, count: 5))
    list.append(.source(source, offset: 15, count: 5))
    #expect(list.runs.count == 1)
    // A gap, a step back, another source.
    list.append(.source(source, offset: 21, count: 1))
    list.append(.source(source, offset: 10, count: 1))
    list.append(.source(other, offset: 11, count: 1))
    #expect(list.runs.count == 4)
    list.append(.zeros(3))
    list.zeros(upTo: 16)
    #expect(list.end == 16 && list.runs.count == 5)
    list.zeros(upTo: 16)
    list.append(contentsOf: [.zeros(4), .bytes([9]), .bytes([8])])
    #expect(list.end == 22)
    #expect(list.runs.reduce(0) { $0 + $1.count } == list.end)
    guard case .source(let first, offset: 10, count: 10) = list.runs[0], first === source,
      case .zeros(7) = list.runs[4]
    else {
      Issue.record("\(list.runs)")
      return
    }
  }

  @Test func `runs never descend`() async {
    await #expect(processExitsWith: .failure) {
      var list = RunList()
      list.append(.zeros(10))
      list.zeros(upTo: 9)
    }
  }
}
