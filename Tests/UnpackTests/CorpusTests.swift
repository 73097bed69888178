import Bytes
import Storage
import SystemPackage
import TestSupport
import Testing

@testable import Unpack

private let corpus = Corpus.tests(of: "xz-utils")

/// The files that xz-utils tests itself with: good, bad and unsupported ones.
@Suite(.enabled(if: Tool.arePresent("xz"), "xz is missing"))
struct CorpusTests {
  @Test(.enabled(if: corpus != nil, "PIBAKE_CORPUS names no folder with the sources of xz-utils"))
  func `xz-utils' files: the good ones decode as xz decodes them, all others are errors`() async throws {
    let folder = try #require(corpus).appending("files").string
    let sample = try Sample()
    let listing = try await Tool.run("ls", [folder])
    let names = listing.standardOutput.split(separator: "\n").map(String.init).filter { $0.hasSuffix(".xz") }
    try #require(names.count > 60)
    var good = 0
    for name in names {
      try await sample.shell("cp '\(folder)/\(name)' out; xz -dc out > expected 2> log || true")
      for access in [Access.whole, .scattered] {
        if name.hasPrefix("good-") {
          let image = try sample.cache.open(sample.folder.appending("out"), access: access)
          #expect(try image.content == SHA256.of(try sample.read("expected")), "\(name)")
          good += 1
        } else {
          #expect(throws: (any Error).self, "\(name)") {
            let image = try sample.cache.open(sample.folder.appending("out"), access: access)
            _ = try image.content
            // What does not begin as .xz does is no .xz, but a disk like any other.
            if image.container == .raw, name.contains("header_magic") { throw Errno.invalidArgument }
          }
        }
      }
    }
    #expect(good > 40)
  }
}
