import Bytes
import Storage
import SystemPackage
import TestSupport
import Testing

@testable import Unpack

/// Bytes that follow a complete stream: padding, signatures, and damaged parts of the disk.
@Suite(.enabled(if: Tool.arePresent("gzip", "xz", "bzip2", "zstd", "lz4", "tar"), "a packer is missing"))
struct TrailingTests {
  private static let signature = "(head -c 8 /dev/zero; printf '{ \"version\": 1 }FWx0'; head -c 12 /dev/zero) >> out"

  @Test(arguments: [
    ("gzip", "gzip < disk.img > out"), ("xz", "xz -T1 < disk.img > out"),
    ("xz", "xz -T2 --block-size=64KiB < disk.img > out"), ("bzip2", "bzip2 < disk.img > out"),
    ("zstd", "zstd -q < disk.img > out"), ("lz4", "lz4 -q < disk.img > out"), ("gzip", "tar czf out disk.img"),
  ])
  func `a signature after the stream is warned of, now and from the cache`(_ format: String, _ command: String)
    async throws
  {
    let sample = try Sample()
    try await sample.shell("\(command); \(Self.signature)")
    for isCached in [false, true] {
      let image = try sample.open("out")
      #expect(try image.content == sample.content)
      #expect(image.wasCached == isCached)
      #expect(image.warnings == ["40 bytes follow the complete \(format) stream, and are not read"])
      #expect(image.inputDigest == SHA256.of(try sample.read("out")))
    }
  }

  @Test func `an .xz with a signature after it is read in place too`() async throws {
    let sample = try Sample()
    try await sample.shell("xz -T2 --block-size=64KiB < disk.img > out; \(Self.signature)")
    let image = try sample.cache.open(sample.folder.appending("out"), access: .scattered)
    #expect(try image.content == sample.content)
    #expect(image.warnings == ["40 bytes follow the complete xz stream, and are not read"])
    #expect(try await sample.cachedNames() == [])
  }

  @Test(arguments: [
    "gzip < disk.img > out; truncate -s %512 out", "gzip < disk.img > out; head -c 5M /dev/zero >> out",
    "xz < disk.img > out; head -c 4096 /dev/zero >> out",
    "zstd -q < disk.img > out; printf '\\136\\052\\115\\030\\003\\000\\000\\000abc' >> out",
  ])
  func `padding that the formats know is read without a word`(_ command: String) async throws {
    let sample = try Sample()
    try await sample.shell(command)
    let image = try sample.open("out")
    #expect(try image.content == sample.content)
    #expect(image.warnings == [])
  }

  @Test(arguments: ["gzip", "xz", "bzip2", "zstd -q", "lz4 -q"])
  func `a damaged second part, or a cut one, is corrupt`(_ tool: String) async throws {
    let sample = try Sample()
    for middle in [
      "printf xx >> out; tail -c +2000001 disk.img | \(tool) >> out",
      "tail -c +2000001 disk.img | \(tool) | head -c 40 >> out",
    ] {
      try await sample.shell("head -c 2000000 disk.img | \(tool) > out; \(middle)")
      let error = #expect(throws: UnpackError.self, "\(tool): \(middle)") { try sample.open("out") }
      #expect(error?.kind == .corrupt, "\(tool): \(String(describing: error))")
    }
  }

  @Test func `much that follows is refused, and not as a damaged download`() async throws {
    let sample = try Sample()
    try await sample.shell("gzip < disk.img > out; head -c 3M /dev/zero | tr '\\0' x >> out")
    let error = try #require(throws: UnpackError.self) { try sample.open("out") }
    #expect(error.kind == .unsupported && error.hint == nil)
    #expect(error.description.contains("more than 1048576 bytes that are no gzip after the complete stream"))
  }
}
