import Bytes
import Storage
import SystemPackage
import TestSupport
import Testing

@testable import Unpack

/// Small files with any byte changed, or cut anywhere: an error or the right disk, and nothing half in the cache.
struct MutationTests {
  @Test(.enabled(if: Tool.arePresent("xz"), "xz is missing"))
  func `every byte of an .xz that is read in place`() async throws {
    let sample = try Sample(size: 20_000)
    try await sample.shell("head -c 8000 disk.img | xz -C crc32 > out; head -c 8 /dev/zero >> out")
    try await sample.shell("tail -c +8001 disk.img | xz --block-size=6000 --lzma2=dict=4KiB >> out")
    let whole = try sample.read("out")
    var numbers = SplitMix64(Fuzzing.seed(7))
    for round in 0..<Fuzzing.rounds(1) {
      for place in whole.indices {
        var bytes = whole
        bytes[place] ^= round == 0 ? 0x55 : UInt8.random(in: 1...255, using: &numbers)
        try sample.write(bytes, to: "out")
        try expectErrorOrContent(sample, "byte \(place)") {
          try sample.cache.open(sample.folder.appending("out"), access: .scattered).content
        }
      }
    }
    for cut in whole.indices {
      try sample.write(Array(whole[..<cut]), to: "out")
      // Between the streams, and when nothing of the mark is left, it is a whole file of its own.
      guard let image = try? sample.cache.open(sample.folder.appending("out"), access: .scattered) else { continue }
      #expect(image.container == .raw || image.source.size == 8000, "cut to \(cut)")
    }
    #expect(try await sample.cachedNames().allSatisfy { !$0.hasSuffix(".part") })
  }

  @Test(
    arguments: [
      ("gzip", "gzip -n < disk.img > out"), ("bzip2", "bzip2 < disk.img > out"),
      ("zstd", "zstd -q --check < disk.img > out"),
      ("lz4", "lz4 -q -BX < disk.img > out"), ("zip", "zip -q out.zip disk.img; mv out.zip out"),
      ("xz", "xz < disk.img > out"),
      ("xz", "xz -k disk.img; zip -q -0 out.zip disk.img.xz; mv out.zip out"),
      ("tar", "gzip -k disk.img; tar czf out disk.img.gz"),
    ].filter { Tool.arePresent($0.0) })
  func `bytes of each container`(_ tool: String, _ command: String) async throws {
    let sample = try Sample(size: 6000)
    try await sample.shell(command)
    let whole = try sample.read("out")
    var numbers = SplitMix64(Fuzzing.seed(11))
    for round in 0..<Fuzzing.rounds(150) {
      var bytes = whole
      // The beginning and the end, where all formats keep what they say of themselves, and any other place.
      let edge = Int.random(in: 0..<min(100, whole.count), using: &numbers)
      let place = [edge, whole.count - 1 - edge, Int.random(in: whole.indices, using: &numbers)][round % 3]
      bytes[place] = UInt8.random(in: 0...255, using: &numbers)
      try sample.write(bytes, to: "out")
      try expectErrorOrContent(sample, "byte \(place) is \(bytes[place])") { try sample.open("out").content }
    }
    #expect(try await sample.cachedNames().allSatisfy { !$0.hasSuffix(".part") })
  }

  /// Expects that `open` fails as it should, or gives the digest of the sample.
  private func expectErrorOrContent(
    _ sample: Sample, _ what: String, _ open: () throws -> SHA256Digest
  ) throws {
    do {
      let digest = try open()
      // Without its mark, a file is a disk by itself.
      if digest != sample.content { #expect(digest == SHA256.of(try sample.read("out")), "\(what)") }
    } catch let error as any Failure {
      #expect(error.kind == .corrupt || error.kind == .unsupported, "\(what): \(error)")
    }
  }
}
