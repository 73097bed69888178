import Bytes
import Storage
import SystemPackage
import TestSupport
import Testing

@testable import BaseImage

/// Several processes that want one file, and processes that are killed.
@Suite(.enabled(if: Tool.arePresent("python3", "bash", "timeout"), "python3, bash or timeout is missing"))
struct TwoDownloadsTests {
  private let trial = Fixture.program("DownloadTrial")
  private static let content = (0..<4_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }

  private func site(_ steps: String) async throws -> DownloadSite {
    try await DownloadSite("[\(steps)]", content: Self.content)
  }

  private func run(_ site: DownloadSite, _ script: String) async throws -> [Substring] {
    let result = try await Tool.run(
      "bash",
      [
        "-c",
        "set -u; cache='\(site.cache)'; fetch() { exec '\(trial)' '\(site.cache)' '\(site.server.url())' \(site.sha256); }\n\(script)",
      ])
    #expect(result.status == 0, "\(result.output)")
    return result.standardOutput.split(separator: "\n")
  }

  @Test func `of several at once, one fetches and the others wait`() async throws {
    let site = try await site(#"{"etag": "\"one\"", "pace": 0.06}"#)
    let lines = try await run(site, "for n in 1 2 3 4; do fetch & done; wait")
    let path = site.cache.appending("downloads").appending(site.name)
    #expect(lines.filter { $0 == "fetched \(path)" }.count == 1, "\(lines)")
    #expect(lines.filter { $0 == "found \(path)" }.count == 3, "\(lines)")
    #expect(lines.filter { $0.contains("another process is downloading it") }.count == 3, "\(lines)")
    #expect(try site.count == 1 && site.names() == [site.name])
    #expect(try site.fetch(sha256: site.sha256).digest == site.sha256)
  }

  @Test func `who waits goes on where the first was killed`() async throws {
    let site = try await site(#"{"etag": "\"one\"", "stall": 1000000}, {"etag": "\"one\""}"#)
    let lines = try await run(
      site,
      """
      fetch > /dev/null & first=$!
      until [ -s "$cache"/downloads/*.part ]; do sleep 0.02; done
      fetch > "$cache.log" & second=$!
      until grep -q waiting "$cache.log"; do sleep 0.02; done
      kill -KILL $first; wait $second; cat "$cache.log"
      """)
    #expect(lines.count == 2 && lines.last?.hasPrefix("fetched ") == true, "\(lines)")
    #expect(try site.count == 2 && site.names() == [site.name])
    #expect(site.request(1).contains("\"range\": \"bytes="), "\(site.server.requests)")
    #expect(try site.fetch(sha256: site.sha256).digest == site.sha256)
  }

  /// Killed at several moments, with a server that gives ranges and one that does not.
  @Test(arguments: [#""etag": "\"one\"""#, #""etag": "\"one\"", "ranges": false"#, #""chunked": true"#])
  func `a killed download spoils no later one`(step: String) async throws {
    let site = try await site("{\(step), \"pace\": 0.01}")
    let lines = try await run(
      site,
      """
      for delay in 0.05 0.1 0.2 0.3 0.4; do timeout --signal=KILL $delay bash -c "exec '\(trial)' '$cache' '\(site.server.url())' \(site.sha256)"; done
      (fetch)
      """)
    #expect(lines.last?.hasPrefix("f") ?? false, "\(lines)")
    #expect(try site.names() == [site.name], "\(lines)")
    #expect(try site.fetch(sha256: site.sha256).digest == site.sha256)
  }

  @Test func `control-C ends it at once, and what has arrived is kept`() async throws {
    let site = try await site(#"{"etag": "\"one\"", "stall": 1000000}, {"etag": "\"one\""}"#)
    let lines = try await run(
      site,
      """
      fetch & first=$!
      until [ -s "$cache"/downloads/*.part ]; do sleep 0.02; done
      fetch > "$cache.log" & second=$!
      until grep -q waiting "$cache.log"; do sleep 0.02; done
      kill -INT $second; wait $second; cat "$cache.log"
      SECONDS=0; kill -INT $first; wait $first
      [ $SECONDS -le 3 ] || echo late
      """)
    #expect(lines.filter { $0.hasSuffix(": interrupted") }.count == 2 && !lines.contains("late"), "\(lines)")
    #expect(try site.names() == ["\(site.name).part", "\(site.name).part.record"])
    try site.expectWhole(requests: 2)
  }

  @Test func `the cache is emptied around it`() async throws {
    let site = try await site(#"{"etag": "\"one\"", "pace": 0.06}"#)
    let lines = try await run(
      site,
      """
      fetch & first=$!
      until [ -s "$cache"/downloads/*.part ]; do sleep 0.02; done
      '\(Fixture.program("pibake"))' cache clear --cache "$cache" 2> /dev/null
      ls "$cache"/downloads/*.part; wait $first
      """)
    #expect(lines.first?.hasSuffix(".part") == true && lines.last?.hasPrefix("fetched ") == true, "\(lines)")
    #expect(try CacheContents(folder: site.cache).entries().map(\.kind).contains(.download))
    // What nobody goes on with is removed.
    try site.server.begin(#"[{"etag": "\"one\"", "cut": 100000}, {"status": 404}]"#)
    _ = try CacheContents(folder: site.cache).clear()
    _ = site.failure()
    #expect(try CacheContents(folder: site.cache).entries().map(\.kind) == [.partial])
    _ = try CacheContents(folder: site.cache).clear()
    #expect(try site.names() == [])
  }

  /// NFS and others may have no locks: then no file is shared, and nothing is continued.
  @Test(.enabled(if: Tool.arePresent("strace"), "strace is not installed"))
  func `without locks, each has a file of its own`() async throws {
    let site = try await site(#"{"etag": "\"one\"", "pace": 0.02}"#)
    let lines = try await run(
      site,
      """
      slow() { strace -f -qq -o /dev/null -e trace=flock -e inject=flock:error=ENOLCK \
        '\(trial)' '\(site.cache)' '\(site.server.url())' \(site.sha256); }
      slow & slow & wait
      """)
    #expect(lines.count == 2 && lines.allSatisfy { $0.hasPrefix("fetched ") }, "\(lines)")
    #expect(try site.fetch(sha256: site.sha256).digest == site.sha256)
    #expect(try site.names().contains(site.name))
  }
}
