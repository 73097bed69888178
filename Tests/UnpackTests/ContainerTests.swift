import Bytes
import Storage
import SystemPackage
import TestSupport
import Testing

@testable import Unpack

/// A container of `disk.img` and the tool that makes it.
struct Wrapping: CustomTestStringConvertible, Sendable {
  let tool: String
  let command: String
  let container: Container

  init(_ tool: String, _ command: String, gives container: Container) {
    self.tool = tool
    self.command = command
    self.container = container
  }

  var testDescription: String { command }

  static let all = [
    Wrapping("xz", "xz -T1 < disk.img > out", gives: .xz(blocks: 1)),
    Wrapping("xz", "xz -T2 --block-size=1MiB < disk.img > out", gives: .xz(blocks: 4)),
    Wrapping("xz", "xz -T2 --block-size=64KiB < disk.img > out", gives: .xz(blocks: 49)),
    Wrapping("xz", "xz -T2 --block-size=64KiB -C sha256 < disk.img > out", gives: .xz(blocks: 49)),
    Wrapping("xz", "xz -9e -C crc32 < disk.img > out", gives: .xz(blocks: 1)),
    Wrapping("xz", "xz -C none < disk.img > out", gives: .xz(blocks: 1)),
    Wrapping(
      "xz", "head -c 1000000 disk.img | xz > out; tail -c +1000001 disk.img | xz --block-size=1MiB >> out",
      gives: .xz(blocks: 4)),
    Wrapping("xz", "xz < disk.img > out; head -c 4096 /dev/zero >> out", gives: .xz(blocks: 1)),
    Wrapping("gzip", "gzip < disk.img > out", gives: .gzip),
    Wrapping("gzip", "gzip -1 disk.img -c > out", gives: .gzip),
    Wrapping(
      "gzip", "head -c 1234567 disk.img | gzip > out; tail -c +1234568 disk.img | gzip >> out", gives: .gzip),
    Wrapping("bzip2", "bzip2 < disk.img > out", gives: .bzip2),
    Wrapping("bzip2", "head -c 99 disk.img | bzip2 > out; tail -c +100 disk.img | bzip2 >> out", gives: .bzip2),
    Wrapping("zstd", "zstd -q < disk.img > out", gives: .zstd),
    Wrapping("zstd", "zstd -q --ultra -22 --no-check < disk.img > out", gives: .zstd),
    Wrapping("zstd", "head -c 99 disk.img | zstd -q > out; tail -c +100 disk.img | zstd -q >> out", gives: .zstd),
    Wrapping("lz4", "lz4 -q < disk.img > out", gives: .lz4),
    Wrapping("zip", "zip -q out.zip disk.img; mv out.zip out", gives: .zip(entry: "disk.img")),
    Wrapping("zip", "zip -q -0 out.zip disk.img; mv out.zip out", gives: .zip(entry: "disk.img")),
    Wrapping("zip", "zip -q -fz out.zip disk.img; mv out.zip out", gives: .zip(entry: "disk.img")),
    Wrapping("zip", "zip -q - disk.img | cat > out", gives: .zip(entry: "disk.img")),
    Wrapping("zip", "zip -q -0 - disk.img | cat > out", gives: .zip(entry: "disk.img")),
    Wrapping("zip", "mv disk.img disk; zip -q out.zip disk; mv out.zip out", gives: .zip(entry: "disk")),
    Wrapping(
      "zip",
      """
      mkdir os; mv disk.img os/Größe.IMG; echo read me > README; head -c 100000 /dev/urandom > os/licence
      zip -q -r out.zip README os; mv out.zip out
      """, gives: .zip(entry: "os/Größe.IMG")),
    Wrapping("7z", "7z a -tzip -mm=BZip2 out.zip disk.img > log; mv out.zip out", gives: .zip(entry: "disk.img")),
    Wrapping("7z", "7z a -tzip -mm=LZMA out.zip disk.img > log; mv out.zip out", gives: .zip(entry: "disk.img")),
  ]

  /// Those whose tools are here.
  static let present = all.filter { Tool.arePresent($0.tool) }
}

struct ContainerTests {
  @Test(arguments: Wrapping.present)
  func `decodes what other tools encode`(_ wrapping: Wrapping) async throws {
    let sample = try Sample()
    try await sample.shell(wrapping.command)
    let image = try sample.open("out")
    #expect(image.container == wrapping.container)
    #expect(try image.content == sample.content)
    #expect(image.inputDigest == SHA256.of(try sample.read("out")))
    #expect(image.imageDigest == sample.content)
    #expect(!image.wasCached)
    #expect(image.source.name == sample.folder.appending("out").description)
  }

  @Test(.enabled(if: Wrapping.present.count == Wrapping.all.count, "some of xz gzip bzip2 zstd lz4 zip 7z are missing"))
  func `leaves no container untested`() {}
}
