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
  let container: String

  init(_ tool: String, _ command: String, gives container: String) {
    self.tool = tool
    self.command = command
    self.container = container
  }

  var testDescription: String { command }

  static let all = [
    Wrapping("xz", "xz -T1 < disk.img > out", gives: "xz, 1 block"),
    Wrapping("xz", "xz -T2 --block-size=1MiB < disk.img > out", gives: "xz, 4 blocks"),
    Wrapping("xz", "xz -T2 --block-size=64KiB < disk.img > out", gives: "xz, 49 blocks"),
    Wrapping("xz", "xz -T2 --block-size=64KiB -C sha256 < disk.img > out", gives: "xz, 49 blocks"),
    Wrapping("xz", "xz -9e -C crc32 < disk.img > out", gives: "xz, 1 block"),
    Wrapping("xz", "xz -C none < disk.img > out", gives: "xz, 1 block"),
    Wrapping(
      "xz", "head -c 1000000 disk.img | xz > out; tail -c +1000001 disk.img | xz --block-size=1MiB >> out",
      gives: "xz, 4 blocks"),
    Wrapping("xz", "xz < disk.img > out; head -c 4096 /dev/zero >> out", gives: "xz, 1 block"),
    Wrapping("gzip", "gzip < disk.img > out", gives: "gzip"),
    Wrapping("gzip", "gzip -1 disk.img -c > out", gives: "gzip"),
    Wrapping(
      "gzip", "head -c 1234567 disk.img | gzip > out; tail -c +1234568 disk.img | gzip >> out", gives: "gzip"),
    Wrapping("bzip2", "bzip2 < disk.img > out", gives: "bzip2"),
    Wrapping("bzip2", "head -c 99 disk.img | bzip2 > out; tail -c +100 disk.img | bzip2 >> out", gives: "bzip2"),
    Wrapping("zstd", "zstd -q < disk.img > out", gives: "zstd"),
    Wrapping("zstd", "zstd -q --ultra -22 --no-check < disk.img > out", gives: "zstd"),
    Wrapping("zstd", "head -c 99 disk.img | zstd -q > out; tail -c +100 disk.img | zstd -q >> out", gives: "zstd"),
    Wrapping("lz4", "lz4 -q < disk.img > out", gives: "lz4"),
    Wrapping("zip", "zip -q out.zip disk.img; mv out.zip out", gives: "zip, disk.img"),
    Wrapping("zip", "zip -q -0 out.zip disk.img; mv out.zip out", gives: "zip, disk.img"),
    Wrapping("zip", "zip -q -fz out.zip disk.img; mv out.zip out", gives: "zip, disk.img"),
    Wrapping("zip", "zip -q - disk.img | cat > out", gives: "zip, disk.img"),
    Wrapping("zip", "zip -q -0 - disk.img | cat > out", gives: "zip, disk.img"),
    Wrapping("zip", "mv disk.img disk; zip -q out.zip disk; mv out.zip out", gives: "zip, disk"),
    Wrapping(
      "zip",
      """
      mkdir os; mv disk.img os/Größe.IMG; echo read me > README; head -c 100000 /dev/urandom > os/licence
      zip -q -r out.zip README os; mv out.zip out
      """, gives: "zip, os/Größe.IMG"),
    // The length of the comment is the last there is without one.
    Wrapping(
      "zip",
      "zip -q out.zip disk.img; (head -c -2 out.zip; printf '\\377\\377'; head -c 65535 /dev/zero | tr '\\0' P) > out",
      gives: "zip, disk.img"),
    Wrapping("7z", "7z a -tzip -mm=BZip2 out.zip disk.img > log; mv out.zip out", gives: "zip, disk.img"),
    Wrapping(
      "zstd",
      """
      head -c 99 disk.img | zstd -q > out; printf '\\121\\052\\115\\030\\003\\000\\000\\000abc' >> out
      tail -c +100 disk.img | zstd -q >> out; printf '\\136\\052\\115\\030\\000\\000\\000\\000' >> out
      """, gives: "zstd"),
    Wrapping(
      "zstd", "printf '\\120\\052\\115\\030\\004\\000\\000\\000wxyz' > out; zstd -q < disk.img >> out", gives: "zstd"),
    Wrapping("lz4", "head -c 99 disk.img | lz4 -q > out; tail -c +100 disk.img | lz4 -q >> out", gives: "lz4"),
    Wrapping("lz4", "lz4 -q -9 -BD --content-size disk.img out", gives: "lz4"),
    Wrapping("bzip2", "bzip2 -1 < disk.img > out; bzip2 < /dev/null >> out", gives: "bzip2"),
    Wrapping("tar", "tar cf out disk.img", gives: "tar, disk.img"),
    Wrapping("tar", "tar -S -cf out disk.img", gives: "tar, disk.img"),
    Wrapping("tar", "tar -H pax -czf out ./disk.img", gives: "gzip, tar, ./disk.img"),
    Wrapping("tar", "ln disk.img again.img; tar cf out disk.img again.img", gives: "tar, disk.img"),
    Wrapping(
      "xz", "echo read > README; tar c README disk.img | xz --block-size=64KiB > out",
      gives: "xz, 49 blocks, tar, disk.img"),
    Wrapping("bzip2", "tar c disk.img | bzip2 > out", gives: "bzip2, tar, disk.img"),
    Wrapping("zstd", "tar c disk.img | zstd -q > out", gives: "zstd, tar, disk.img"),
    Wrapping("gzip", "gzip -k disk.img; tar czf out disk.img.gz", gives: "gzip, tar, disk.img.gz, gzip"),
    Wrapping("xz", "xz -k disk.img; tar cf out disk.img.xz", gives: "tar, disk.img.xz, xz"),
    Wrapping("xz", "xz < disk.img | gzip > out", gives: "gzip, xz"),
    Wrapping("xz", "gzip < disk.img | xz > out", gives: "xz, 1 block, gzip"),
    Wrapping("zip", "xz -k disk.img; zip -q -0 out.zip disk.img.xz; mv out.zip out", gives: "zip, disk.img.xz, xz"),
    Wrapping("zip", "gzip -k disk.img; zip -q out.zip disk.img.gz; mv out.zip out", gives: "zip, disk.img.gz, gzip"),
    Wrapping(
      "zip", "zip -q out.zip disk.img; (printf PK00; cat out.zip) > out; rm out.zip", gives: "zip, disk.img"),
    // What people's archives hold beside the disk: a kernel that is called .img, what macOS adds, a prefix.
    Wrapping(
      "zip",
      """
      head -c 5000 /dev/zero > kernel8.img; mkdir __MACOSX; echo x > __MACOSX/._disk.img; echo x > .DS_Store
      mv disk.img disk.bin; zip -q -r out.zip kernel8.img __MACOSX .DS_Store disk.bin; mv out.zip out
      """, gives: "zip, disk.bin"),
    Wrapping(
      "zip", "zip -q out.zip disk.img; (head -c 76 /dev/zero | tr '\\0' '#'; cat out.zip) > out", gives: "zip, disk.img"
    ),
    Wrapping(
      "zip", "zip -q out.zip disk.img; (printf MZ; head -c 4096 /dev/zero; cat out.zip) > out",
      gives: "zip, disk.img"),
    // Holes of GNU's and pax's form, also at the end.
    Wrapping("tar", "tar -S -czf out disk.img", gives: "gzip, tar, disk.img"),
    Wrapping("tar", "echo read > README; tar -H pax -cSf out README disk.img", gives: "tar, disk.img"),
    Wrapping("tar", "tar -H v7 -cf out disk.img", gives: "tar, disk.img"),
    Wrapping("7z", "7z a -tzip -mm=LZMA out.zip disk.img > log; mv out.zip out", gives: "zip, disk.img"),
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
    #expect(image.container.description == wrapping.container)
    #expect(try image.content == sample.content)
    #expect(image.inputDigest == SHA256.of(try sample.read("out")))
    #expect(image.imageDigest == sample.content)
    #expect(!image.wasCached)
    #expect(image.source.name == sample.folder.appending("out").description)
    let again = try sample.cache.open(sample.folder.appending("out"), expecting: image.inputDigest)
    #expect(again.wasCached && again.container == image.container)
  }

  @Test(.enabled(if: Wrapping.present.count == Wrapping.all.count, "some of xz gzip bzip2 zstd lz4 zip 7z are missing"))
  func `leaves no container untested`() {}

  @Test(
    .enabled(if: Tool.arePresent("tar"), "tar is missing"),
    arguments: ["-S", "--format=pax -S", "--format=pax --sparse-version=0.1 -S"])
  func `a hole at the end of a file in a tar archive is zeros`(_ options: String) async throws {
    let sample = try Sample()
    try await sample.shell("truncate -s 8M disk.img; tar \(options) -cf out disk.img")
    let zeros = [UInt8](repeating: 0, count: (8 << 20) - sample.bytes.count)
    #expect(try sample.open("out").content == SHA256.of(sample.bytes + zeros))
  }
}
