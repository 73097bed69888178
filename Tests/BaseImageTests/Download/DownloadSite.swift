import Bytes
import Glibc
import Storage
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import BaseImage

/// A server, a cache, and what a download of the one from the other says.
struct DownloadSite {
  let server: WebServer
  let folder: TemporaryFolder
  let content: [UInt8]
  var policy = DownloadPolicy()
  private let log = DownloadLog()

  /// 300,000 bytes that differ everywhere.
  static let content = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }

  /// Servers of this machine are not behind a proxy.
  private static let isDirect = setenv("no_proxy", "127.0.0.1,localhost,.invalid", 1) == 0

  init(_ plan: String = "[{}]", content: [UInt8] = Self.content, certificate: FilePath? = nil) async throws {
    try #require(Self.isDirect)
    server = try await WebServer(content, plan: plan, certificate: certificate)
    folder = try TemporaryFolder()
    self.content = content
    policy.firstWait = .milliseconds(20)
    policy.stall = 1
    policy.authorities = certificate
  }

  var cache: FilePath { folder.appending("cache") }
  var sha256: SHA256Digest { SHA256.of(content) }
  /// What the downloads have said.
  var said: [String] { log.lines.withLock { $0 } }
  /// How many requests the server has had.
  var count: Int { server.requests.count }
  /// The request of this number, from 0; empty if there was none.
  func request(_ number: Int) -> String { server.requests.dropFirst(number).first ?? "" }

  /// Downloads `url`, and reads what came.
  ///
  /// - Returns: the digest of what came, and whether it had to be fetched.
  @discardableResult
  func fetch(
    _ url: String? = nil, sha256: SHA256Digest?, isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws -> (digest: SHA256Digest, isNew: Bool) {
    var listener = Download.Listener()
    listener.note = { [log] text in log.lines.withLock { $0.append("note: \(text)") } }
    listener.warn = { [log] text in log.lines.withLock { $0.append("warning: \(text)") } }
    listener.isCancelled = isCancelled
    let outcome = try Download(
      url ?? server.url(), sha256: sha256, cache: cache, policy: policy, listener: listener
    ).run()
    let file = try FileSource(outcome.path)
    return (SHA256.of(try file.read(at: 0, count: file.size)), outcome.isNew)
  }

  /// Downloads the content and expects it whole.
  func expectWhole(_ url: String? = nil, requests: Int, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let result = try fetch(url, sha256: sha256)
    #expect(result.digest == self.sha256 && result.isNew, "\(said)", sourceLocation: sourceLocation)
    #expect(count == requests, "\(server.requests)", sourceLocation: sourceLocation)
    #expect(try names() == [name], sourceLocation: sourceLocation)
  }

  /// The error of a download that must fail.
  func failure(
    _ url: String? = nil, digest: SHA256Digest? = nil, sourceLocation: SourceLocation = #_sourceLocation
  ) -> DownloadError? {
    #expect(throws: DownloadError.self, sourceLocation: sourceLocation) {
      try fetch(url, sha256: digest ?? sha256)
    }
  }

  /// The name of the content in the cache.
  var name: String { "\(sha256)-image.img" }

  /// What is in the cache's folder of downloads, sorted.
  func names() throws -> [String] {
    guard let held = try CacheDirectory(cache).existing("downloads") else { return [] }
    return try held.names().map { String(decoding: $0, as: UTF8.self) }.sorted()
  }

  /// Puts `bytes` in the place of the file `name` of the cache, as a failing disk would.
  func spoil(_ name: String, _ bytes: [UInt8]) throws {
    let path = cache.appending("downloads").appending(name)
    let file = try FileDescriptor.open(path, .writeOnly, options: [.truncate, .closeOnExec])
    try file.closeAfter { _ = try file.writeAll(bytes) }
  }
}

/// What downloads say, in its order.
private final class DownloadLog: Sendable {
  let lines = Mutex<[String]>([])
}
