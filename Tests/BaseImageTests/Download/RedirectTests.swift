import Bytes
import SystemPackage
import TestSupport
import Testing

@testable import BaseImage

/// Where downloads go, where they do not, and what they carry there.
@Suite(.enabled(if: Tool.arePresent("python3", "openssl"), "python3 or openssl is missing"))
struct RedirectTests {
  private func redirect(_ target: String, status: Int = 302) -> String {
    "{\"status\": \(status), \"headers\": {\"Location\": \"\(target)\"}}"
  }

  /// A key with its certificate for 127.0.0.1, signed by itself.
  private func certificate(in folder: TemporaryFolder) async throws -> FilePath {
    let path = folder.appending("server.pem")
    let made = try await Tool.run(
      "openssl",
      [
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1", "-addext",
        "subjectAltName=IP:127.0.0.1", "-days", "2", "-keyout", path.string, "-out", "\(path).crt",
      ])
    try #require(made.status == 0, "\(made.output)")
    let joined = try await Tool.run("sh", ["-c", "cat '\(path).crt' >> '\(path)'"])
    try #require(joined.status == 0, "\(joined.output)")
    return path
  }

  @Test func `every kind of redirect is followed, relative ones too`() async throws {
    let steps = [301, 302, 303, 307, 308].map { redirect("next\($0)?key=hidden", status: $0) }
    let site = try await DownloadSite("[\(steps.joined(separator: ", ")), {}]")
    try site.expectWhole(requests: 6)
    #expect(site.request(5).contains("\"path\": \"/next308?key=hidden\""))
  }

  @Test func `a rest is asked for where the redirect leads now`() async throws {
    let file = #""etag": "\"one\"""#
    let site = try await DownloadSite("[\(redirect("/a")), {\(file), \"cut\": 100000}, \(redirect("/b")), {\(file)}]")
    try site.expectWhole(requests: 4)
    #expect(site.request(3).contains("/b") && site.request(3).contains("bytes=100000-"))
  }

  @Test func `a loop ends`() async throws {
    let site = try await DownloadSite("[\(redirect("/again?token=hidden"))]")
    let error = site.failure()
    #expect(error?.description.contains("/again, which is not followed: it is redirect 11 in a row") ?? false)
    #expect(site.count == 11 && !"\(error as Any)\(site.said)".contains("hidden"))
  }

  @Test(arguments: ["ftp://127.0.0.1/x?hidden", "file:///etc/passwd", "gopher://me:hidden@127.0.0.1/x"])
  func `other schemes are not followed`(target: String) async throws {
    let site = try await DownloadSite("[\(redirect(target))]")
    let error = site.failure()
    #expect(error?.description.contains("only http and https are") ?? false, "\(String(describing: error))")
    #expect(!"\(error as Any)".contains("hidden") && site.count == 1)
  }

  @Test func `a redirect to nowhere is a wrong answer`() async throws {
    for plan in [#"[{"status": 302}]"#, "[\(redirect("http://"))]", "[\(redirect("http://user:hidden@/?x"))]"] {
      let site = try await DownloadSite(plan)
      let error = site.failure()
      #expect(site.count == 1 && !"\(error as Any)".contains("hidden"), "\(String(describing: error))")
    }
  }

  @Test func `http may lead to https, and https not to http`() async throws {
    let folder = try TemporaryFolder()
    let secure = try await DownloadSite(certificate: certificate(in: folder))
    try secure.expectWhole(requests: 1)
    var plain = try await DownloadSite("[\(redirect(secure.server.url()))]")
    plain.policy.authorities = secure.policy.authorities
    try plain.expectWhole(requests: 1)

    let target = plain.server.url("/image.img?token=hidden")
    try secure.server.begin("[\(redirect(target)), {}]")
    let error = secure.failure(digest: SHA256.of([]))
    #expect(
      error?.description.contains("redirects to \(plain.server.url()), which is not followed: it leads from https")
        ?? false, "\(String(describing: error))")
    // Not by a detour either.
    try plain.server.begin("[\(redirect(secure.server.url())), {}]")
    try secure.server.begin("[\(redirect(target))]")
    let detour = plain.failure(digest: SHA256.of([]))
    #expect(detour?.description.contains("it leads from https") ?? false, "\(String(describing: detour))")
    #expect(plain.count == 2)
  }

  @Test func `a certificate that nobody vouches for is said at once`() async throws {
    let folder = try TemporaryFolder()
    var site = try await DownloadSite(certificate: certificate(in: folder))
    site.policy.authorities = nil
    let error = site.failure()
    #expect(error?.attempts == 1 && error?.description.contains("certificate") ?? false, "\(String(describing: error))")
    #expect(site.count == 0 && site.said == [])
  }

  @Test func `credentials go to their own server only`() async throws {
    let other = try await DownloadSite()
    let basic = #""authorization": "Basic bWU6czNjcmV0"#
    // Another name of this machine, another port, and the first one again after that.
    for (target, path) in [("localhost", "/host"), ("127.0.0.1", "/port")] {
      let site = try await DownloadSite()
      let elsewhere = target == "localhost" ? site.server : other.server
      let next = elsewhere.url(path, host: target)
      try site.server.begin("[\(redirect("/same")), \(redirect(next)), \(redirect(site.server.url("/back"))), {}]")
      try other.server.begin("[\(redirect(site.server.url("/back"))), {}]")
      _ = try site.fetch(site.server.url(user: "me:s3cret@"), sha256: site.sha256)
      let requests = (site.server.requests + other.server.requests)
      for (path, isSent) in [("/image.img", true), ("/same", true), (path, false), ("/back", false)] {
        let request = requests.first { $0.contains("\"path\": \"\(path)\"") }
        #expect(request?.contains(basic) == isSent, "\(requests)")
      }
    }
  }
}
