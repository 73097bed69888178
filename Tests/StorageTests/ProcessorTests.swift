import Testing

@testable import Storage

@Suite struct ProcessorTests {
  @Test func `the least quota of a control group and those above it counts, rounded up`() {
    let limits = ["/a/b": "150000 100000\n", "/a": "max 100000\n", "": "400000 100000\n"]
    #expect(ControlGroup.processorQuota(groups: "12:cpu:/x\n0::/a/b\n") { limits[$0] } == 2)
    #expect(ControlGroup.processorQuota(groups: "0::/a\n") { limits[$0] } == 4)
    #expect(ControlGroup.processorQuota(groups: "0::/\n") { limits[$0] } == 4)
    #expect(ControlGroup.processorQuota(groups: "0::/other/group\n") { _ in "max 100000" } == nil)
  }

  @Test(arguments: ["", "nonsense", "0 100000", "-1 100000", "100000", "100000 0", "9999999999999999999 1"])
  func `a limit that makes no sense is none`(limit: String) {
    #expect(ControlGroup.processorQuota(groups: "0::/\n") { _ in limit } == nil)
  }

  @Test func `threads share a budget of memory, and one always works`() {
    #expect(threadCount(eachTaking: 1 << 20, within: 1 << 40) == processorCount())
    #expect(threadCount(eachTaking: 1 << 30, within: 1 << 20) == 1)
    #expect(threadCount(eachTaking: 0, within: 0) == 1)
  }
}
