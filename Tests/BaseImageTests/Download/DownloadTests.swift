import Bytes
import Storage
import SystemPackage
import TestSupport
import Testing

@testable import BaseImage

private let hasPython = Tool.arePresent("python3")

/// Downloads over HTTP from a server that cuts, stalls and changes its mind.
@Suite(.enabled(if: hasPython, "python3 is missing"))
struct DownloadTests {
  @Test func `a file is fetched once`() async throws {
    let site = try await DownloadSite()
    try site.expectWhole(requests: 1)
    #expect(try !site.fetch(sha256: site.sha256).isNew)
    #expect(site.count == 1 && site.said == [])
    #expect(site.request(0).contains("\"accept-encoding\": \"identity\""))
  }

  @Test func `a file of this machine is one as well`() async throws {
    let site = try await DownloadSite()
    try site.expectWhole(requests: 1)
    let path = site.cache.appending("downloads").appending(site.name)
    let other = SHA256.of([UInt8]("x".utf8))
    let error = site.failure("file://\(path)", digest: other)
    #expect(error?.description.contains("its SHA-256 is \(site.sha256)") ?? false)
    #expect(try site.fetch("file://\(path)", sha256: nil).digest == site.sha256)
    let missing = site.failure("file:///nowhere/at/all", digest: other)
    #expect(missing?.description.hasPrefix("file:///nowhere/at/all: cannot download: ") ?? false)
    #expect(site.count == 1)
  }

  @Test(arguments: [#""etag": "\"one\"""#, #""modified": "Mon, 05 Oct 2026 10:00:00 GMT""#])
  func `a cut transfer goes on where it ended`(validator: String) async throws {
    let site = try await DownloadSite(
      "[{\(validator), \"cut\": 100000}, {\(validator), \"cut\": 50000}, {\(validator)}]")
    try site.expectWhole(requests: 3)
    #expect(!site.request(0).contains("range"))
    #expect(site.request(1).contains("\"range\": \"bytes=100000-\""))
    #expect(site.request(2).contains("\"range\": \"bytes=150000-\""))
    #expect(site.request(2).contains("\"if-range\": "))
    #expect(site.said.count == 2 && site.said.allSatisfy { $0.contains("the next attempt follows") })
  }

  /// Without a validator, with one that says nothing about bytes, and with a time too close to that of the answer.
  @Test(arguments: ["", #""etag": "W/\"one\"", "#, #""modified": "now", "#])
  func `a cut transfer that cannot be told from a later file begins anew`(validator: String) async throws {
    let site = try await DownloadSite("[{\(validator)\"cut\": 100000}, {\(validator)\"ranges\": true}]")
    try site.expectWhole(requests: 2)
    #expect(!site.request(1).contains("range"))
  }

  @Test func `a server without ranges sends all again`() async throws {
    let step = #""etag": "\"one\"", "ranges": false"#
    let site = try await DownloadSite("[{\(step), \"cut\": 100000}, {\(step), \"cut\": 200000}, {\(step)}]")
    try site.expectWhole(requests: 3)
    #expect(site.request(1).contains("\"range\": \"bytes=100000-\""))
    #expect(site.request(2).contains("\"range\": \"bytes=200000-\""))
  }

  @Test func `a file that changes between two requests is fetched anew`() async throws {
    let site = try await DownloadSite(
      #"[{"etag": "\"old\"", "file": "old", "cut": 100000}, {"etag": "\"new\""}]"#)
    try site.server.put([UInt8](repeating: 7, count: 300_000), as: "old")
    try site.expectWhole(requests: 2)
    #expect(site.request(1).contains(#""if-range": "\"old\"""#))
  }

  /// What a server may answer instead of the rest that was asked for.
  @Test(arguments: [
    #""first": 1"#, #""first": -1"#, #""headers": {"Content-Range": "bytes 100000-299999/300001"}"#,
    #""headers": {"Content-Range": "bytes 100000-200000/300000"}"#, #""headers": {"Content-Range": "lies"}"#,
    #""headers": {"Content-Range": "bytes 100000-99999999999999999999/*"}"#,
    #""headers": {"ETag": "\"two\""}"#, #""headers": {"ETag": "W/\"one\""}"#, #""length": 5"#, #""status": 416"#,
  ])
  func `a rest that is not the one asked for is never appended`(lie: String) async throws {
    let tag = #""etag": "\"one\"""#
    let site = try await DownloadSite("[{\(tag), \"cut\": 100000}, {\(tag), \(lie)}, {\(tag)}]")
    try site.expectWhole(requests: 3)
    #expect(!site.request(2).contains("range"))
    #expect(site.said.last?.contains("it is fetched anew") ?? false, "\(site.said)")
  }

  @Test func `a part that nobody asked for is refused`() async throws {
    let site = try await DownloadSite(#"[{"status": 206, "headers": {"Content-Range": "bytes 0-12/13"}}]"#)
    #expect(site.failure()?.description.contains("a part of the file that was not asked for") ?? false)
    #expect(try site.names() == [] && site.count == 1)
  }

  @Test func `a connection that dies is given up, and the file goes on`() async throws {
    let site = try await DownloadSite(#"[{"etag": "\"one\"", "stall": 100000}, {"etag": "\"one\""}]"#)
    try site.expectWhole(requests: 2)
    #expect(site.request(1).contains("\"range\": \"bytes=100000-\""), "\(site.said)")
    #expect(site.said.first?.contains("too slow") ?? false, "\(site.said)")
  }

  @Test func `fewer bytes than announced are a cut`() async throws {
    let site = try await DownloadSite(#"[{"length": 300001}]"#)
    let error = site.failure()
    #expect(error?.attempts == 6 && site.count == 6)
    #expect(error?.description.hasSuffix("(tried 6 times)") ?? false, "\(String(describing: error))")
    // Nothing tells what the bytes are a part of.
    #expect(try site.names() == [])
  }

  @Test func `bytes after the announced ones are not the file's`() async throws {
    let site = try await DownloadSite(#"[{"length": 300000, "extra": 10}]"#)
    try site.expectWhole(requests: 1)
    let short = try await DownloadSite(#"[{"length": 299999}]"#)
    guard case .digest(short.sha256, SHA256.of(Array(short.content.dropLast())))? = short.failure()?.cause else {
      Issue.record("a short file is taken")
      return
    }
    #expect(try short.names() == [] && short.count == 1)
  }

  @Test func `a rest that is longer than the file is refused`() async throws {
    let tag = #""etag": "\"one\"""#
    let site = try await DownloadSite("[{\(tag), \"cut\": 100000}, {\(tag), \"length\": null, \"extra\": 10}]")
    let error = site.failure()
    #expect(error?.description.contains("it sends more than the 300000 bytes") ?? false, "\(String(describing: error))")
    #expect(try site.names() == [] && site.count == 2)
  }

  @Test(arguments: [#""length": null"#, #""chunked": true"#])
  func `a file whose length nobody announces is bounded`(step: String) async throws {
    var site = try await DownloadSite("[{\(step)}]")
    try site.expectWhole(requests: 1)
    site = try await DownloadSite("[{\(step)}]")
    site.policy.limit = 299_999
    #expect(site.failure()?.description.contains("is larger than 300.0 kB") ?? false)
    #expect(try site.names() == [] && site.count == 1)
  }

  @Test func `chunks that break off are a cut`() async throws {
    let site = try await DownloadSite(#"[{"chunked": true, "cut": 100000}, {"chunked": true}]"#)
    try site.expectWhole(requests: 2)
  }

  @Test func `what is too large, or larger than the disk, is not begun`() async throws {
    var site = try await DownloadSite("[{\"length\": \(1 << 52)}]")
    #expect(site.failure()?.description.contains("is larger than 68.7 GB") ?? false)
    site.policy.limit = .max
    let error = site.failure()
    #expect(error?.description.contains("takes 4503599.6 GB more, and ") ?? false, "\(String(describing: error))")
    #expect(error?.hint?.contains("--cache") ?? false)
    #expect(try site.names() == [] && site.count == 2)
  }

  @Test func `an encoding of the content is not taken off`() async throws {
    let site = try await DownloadSite(#"[{"headers": {"Content-Encoding": "gzip"}}]"#)
    try site.expectWhole(requests: 1)
  }
}
