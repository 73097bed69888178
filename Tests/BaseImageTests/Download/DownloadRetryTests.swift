import Bytes
import TestSupport
import Testing

@testable import BaseImage

/// What a download tries again, what it does not, and for how long.
@Suite(.enabled(if: Tool.arePresent("python3"), "python3 is missing"))
struct DownloadRetryTests {
  @Test(arguments: [500, 502, 503, 504, 408, 429])
  func `what passes is tried again`(status: Int) async throws {
    let site = try await DownloadSite("[{\"status\": \(status)}, {\"reset\": true}, {}]")
    try site.expectWhole(requests: 3)
    #expect((site.said.first ?? "").contains("the server answers \(status) "), "\(site.said)")
  }

  @Test(arguments: [400, 401, 403, 404, 410, 204, 304])
  func `what does not pass is said at once`(status: Int) async throws {
    let site = try await DownloadSite("[{\"status\": \(status)}, {}]")
    let error = site.failure()
    #expect(error?.description.hasPrefix("\(site.server.url()): the server answers \(status)") ?? false)
    #expect(site.count == 1)
  }

  @Test func `a server that wants to be left alone is, for a while`() async throws {
    var site = try await DownloadSite(#"[{"status": 429, "headers": {"Retry-After": "1"}}, {}]"#)
    let clock = ContinuousClock()
    let time = try clock.measure { try site.expectWhole(requests: 2) }
    #expect(time >= .seconds(1) && time < .seconds(30))
    site = try await DownloadSite(#"[{"status": 503, "headers": {"Retry-After": "3600"}}, {}]"#)
    let error = site.failure()
    #expect(error?.description.contains("asks to come back in 3600 s") ?? false, "\(String(describing: error))")
    #expect(site.count == 1)
  }

  @Test func `a refused connection is tried again and then said`() async throws {
    let site = try await DownloadSite()
    // Nobody listens on its port any more.
    await site.server.stop()
    let error = site.failure()
    #expect(error?.attempts == 3 && error?.description.contains("cannot download: ") ?? false)
    #expect(error?.hint?.contains("check the URL") == true)
  }

  @Test func `a host that has no address is tried few times`() async throws {
    let site = try await DownloadSite()
    let error = site.failure("http://no.such.host.invalid/image.img")
    #expect(error?.attempts == 3 && error?.hint?.contains("check the URL") == true, "\(String(describing: error))")
  }

  @Test func `new bytes give new attempts`() async throws {
    let content = [UInt8](repeating: 1, count: 5 << 20) + DownloadSite.content
    let step = #""etag": "\"one\"""#
    let cuts = (0..<5).map { _ in "{\(step), \"cut\": \(1 << 20)}, {\(step), \"cut\": 0}" }.joined(separator: ", ")
    var site = try await DownloadSite("[\(cuts), {\(step)}]", content: content)
    site.policy.attempts = 3
    try site.expectWhole(requests: 11)
  }

  @Test func `the operator ends it, also between two attempts`() async throws {
    for plan in [#"[{"status": 503}]"#, #"[{"etag": "\"one\"", "stall": 100000}]"#] {
      var site = try await DownloadSite(plan)
      site.policy.firstWait = .seconds(60)
      site.policy.stall = 60
      let clock = ContinuousClock()
      let end = clock.now + .milliseconds(500)
      let error = #expect(throws: DownloadError.self) {
        try site.fetch(sha256: site.sha256) { clock.now >= end }
      }
      guard case .cancelled? = error?.cause else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(clock.now < end + .seconds(3))
      #expect(site.count == 1)
    }
  }

  @Test func `what an interrupted run has is of use to the next one`() async throws {
    let site = try await DownloadSite(#"[{"etag": "\"one\"", "cut": 100000}, {"status": 404}, {"etag": "\"one\""}]"#)
    _ = site.failure()
    #expect(try site.names() == ["\(site.name).part", "\(site.name).part.record"])
    try site.expectWhole(requests: 3)
    #expect(site.request(2).contains("\"range\": \"bytes=100000-\""))
  }

  @Test func `a wrong file is removed, and the next run fetches anew`() async throws {
    let site = try await DownloadSite(#"[{"file": "wrong", "etag": "\"one\""}, {"etag": "\"one\""}]"#)
    try site.server.put([1, 2, 3], as: "wrong")
    let error = site.failure()
    let found = SHA256.of([1, 2, 3])
    #expect(
      error?.description
        == "\(site.server.url()): its SHA-256 is \(found), and the recipe expects \(site.sha256)")
    #expect(error?.hint?.contains("sha256 = \"\(found)\"") ?? false)
    #expect(try site.names() == [] && site.count == 1)
    try site.expectWhole(requests: 2)
  }

  @Test func `a part that was damaged fails once`() async throws {
    let site = try await DownloadSite(#"[{"etag": "\"one\"", "cut": 100000}, {"status": 404}, {"etag": "\"one\""}]"#)
    _ = site.failure()
    try site.spoil("\(site.name).part", [UInt8](repeating: 0, count: 100_000))
    guard case .digest? = site.failure()?.cause else {
      Issue.record("\(site.said)")
      return
    }
    try site.expectWhole(requests: 4)
    #expect(!site.request(3).contains("range"))
  }

  @Test func `a part that was whole when its process was killed is not fetched again`() async throws {
    let site = try await DownloadSite(#"[{"etag": "\"one\"", "cut": 100000}, {"status": 404}]"#)
    _ = site.failure()
    try site.spoil("\(site.name).part", site.content)
    try site.expectWhole(requests: 2)
  }

  @Test(arguments: ["record", "part", "both"])
  func `a part of something else is not continued`(spoilt: String) async throws {
    let site = try await DownloadSite(#"[{"etag": "\"one\"", "cut": 100000}, {"status": 404}, {"etag": "\"one\""}]"#)
    _ = site.failure()
    if spoilt != "part" { try site.spoil("\(site.name).part.record", Array("etag".utf8)) }
    if spoilt != "record" { try site.spoil("\(site.name).part", [UInt8](repeating: 0, count: 300_001)) }
    try site.expectWhole(requests: 3)
    #expect(!site.request(2).contains("range"))
  }

  @Test func `a spoiled file of the cache is fetched again`() async throws {
    let site = try await DownloadSite()
    try site.expectWhole(requests: 1)
    try site.spoil(site.name, [UInt8](repeating: 0, count: 300_000))
    try site.expectWhole(requests: 2)
    #expect(site.said.count == 1 && (site.said.first ?? "").hasPrefix("warning: "), "\(site.said)")
  }
}
