import Bytes
import Storage
import SystemPackage
import TestSupport
import Testing

@testable import BaseImage

/// What is secret in a URL reaches its server, and nothing else.
@Suite(.enabled(if: Tool.arePresent("python3"), "python3 is missing"))
struct DownloadSecretsTests {
  private static let secret = "5ecre7"

  /// A URL with a secret in every place, longer than any name of a file may be.
  private func url(_ server: WebServer) -> String {
    let signature = String(repeating: "\(Self.secret)%2F", count: 400)
    return server.url("/image.img?X-Amz-Signature=\(signature)#\(Self.secret)", user: "\(Self.secret):\(Self.secret)@")
  }

  /// Everything that a cache holds, names and contents.
  private func everything(in cache: FilePath) async throws -> String {
    let found = try await Tool.run("sh", ["-c", "cd '\(cache)' && find . && find . -type f -exec cat {} +"])
    try #require(found.status == 0)
    return found.standardOutput
  }

  @Test func `a presigned URL works, and is shown and kept bare`() async throws {
    let content = Array("the file\n".utf8) + [UInt8](repeating: 0x41, count: 200_000)
    let tag = #""etag": "\"one\"""#
    let site = try await DownloadSite(
      "[{\(tag), \"cut\": 100000}, {\"status\": 503}, {\"status\": 403}, {\(tag)}]", content: content)
    let error = site.failure(url(site.server))
    #expect(error?.description.hasPrefix("\(site.server.url()): the server answers 403 Forbidden") ?? false)
    #expect(error?.hint?.contains("expired") ?? false)
    let between = try await everything(in: site.cache)
    #expect(between.contains("source \(site.server.url())\n") && !between.contains(Self.secret))
    // The next run has another signature, and goes on.
    try site.expectWhole(url(site.server).replacing("Signature=", with: "Signature=2"), requests: 4)
    #expect(site.request(3).contains("bytes=100000-") && site.request(3).contains(Self.secret))
    _ = try site.fetch(url(site.server), sha256: nil)
    #expect(try await !everything(in: site.cache).contains(Self.secret))
    #expect(!site.said.joined().contains(Self.secret) && !"\(error as Any)".contains(Self.secret))
  }

  @Test(arguments: [
    #"[{"reset": true}]"#, #"[{"length": 400000}]"#, #"[{"status": 302, "headers": {"Location": "https://[5ecre7"}}]"#,
    #"[{"status": 302, "headers": {"Location": "5ecre7://me:5ecre7@x/?5ecre7"}}]"#, #"[{"file": "other"}]"#,
    #"[{"headers": {"Content-Length": "5ecre7"}}]"#,
  ])
  func `no error tells a secret`(plan: String) async throws {
    var site = try await DownloadSite(plan)
    site.policy.attempts = 2
    try site.server.put([1], as: "other")
    let error = site.failure(url(site.server))
    let scheme = "redirects to 5ecre7://"
    let words = "\(error as Any) \(error?.hint ?? "") \(site.said)".replacing(scheme, with: "")
    #expect(error != nil && !words.contains(Self.secret), "\(words)")
  }

  @Test(arguments: ["odd://me:5ecre7@127.0.0.1:1", "http://me:5ecre7@[x", "http://me:5ecre7@127.0.0.1:1"])
  func `nor one of a proxy`(proxy: String) async throws {
    let folder = try TemporaryFolder()
    let words = [
      "-u", "no_proxy", "-u", "NO_PROXY", "http_proxy=\(proxy)", Fixture.program("DownloadTrial").string,
      folder.path.string, "http://127.0.0.1:1/x", "-",
    ]
    let result = try await Tool.run("env", words)
    #expect(result.status == 1 && result.output.contains("cannot download: "), "\(result.output)")
    #expect(!result.output.contains(Self.secret), "\(result.output)")
  }

  @Test func `what cannot be fetched is told bare`() async throws {
    let folder = try TemporaryFolder()
    let urls = [
      "ftp://me:5ecre7@host/x?5ecre7", "https://me:5e/cre7@host/x?5ecre7", "http://[5ecre7", "odd://5ecre7@host?x",
    ]
    for url in urls {
      let error = #expect(throws: DownloadError.self) {
        try Download(url, sha256: nil, cache: folder.path, listener: Download.Listener()).run()
      }
      #expect(error?.kind == .usage, "\(String(describing: error))")
      #expect(!"\(error as Any)".contains("cre7"), "\(error as Any)")
    }
  }

  @Test func `names in the cache are short and plain`() {
    let names = [
      ("https://host/a/b.img.xz?x=/y", "b.img.xz"), ("https://host", "image"), ("https://host/", "image"),
      ("https://host/a%2F..%00b", "a_2F.._00b"), ("https://host/x.part", "x.part_"),
      ("https://host/x.part.record", "x.part.record_"), ("file:///tmp/a.img", "a.img"),
      ("https://host/" + String(repeating: "long", count: 900), String(repeating: "long", count: 12)),
    ]
    for (url, name) in names { #expect(WebAddress(url)?.tail == name, "\(url)") }
  }
}
