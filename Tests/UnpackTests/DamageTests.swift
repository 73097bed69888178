import Bytes
import Storage
import SystemPackage
import TestSupport
import Testing

@testable import Unpack

/// Files that are cut short, damaged, hostile or something else altogether.
struct DamageTests {
  /// One of each container, all with a checksum.
  static let checked = Wrapping.present.filter {
    [
      "xz -T1 < disk.img > out", "xz -T2 --block-size=64KiB < disk.img > out", "gzip < disk.img > out",
      "bzip2 < disk.img > out", "zstd -q < disk.img > out", "lz4 -q < disk.img > out",
      "zip -q out.zip disk.img; mv out.zip out", "zip -q -0 out.zip disk.img; mv out.zip out",
    ].contains($0.command)
  }

  @Test(arguments: checked)
  func `a file cut short anywhere is corrupt`(_ wrapping: Wrapping) async throws {
    let sample = try Sample(size: 200_000)
    try await sample.shell(wrapping.command)
    let whole = try sample.read("out")
    let cuts = [whole.count - 1, whole.count - 4, whole.count - 13, 40] + (1..<12).map { whole.count / 12 * $0 }
    for cut in cuts {
      try sample.write(Array(whole[..<cut]), to: "out")
      let error = #expect(throws: UnpackError.self, "cut to \(cut) of \(whole.count)") { try sample.open("out") }
      #expect(error?.kind == .corrupt, "cut to \(cut): \(String(describing: error))")
      #expect(error?.description.hasPrefix(sample.folder.appending("out").description) == true)
    }
    #expect(try await sample.cachedNames() == [])
  }

  @Test(arguments: checked)
  func `a flipped byte never passes as an image`(_ wrapping: Wrapping) async throws {
    let sample = try Sample(size: 200_000)
    try await sample.shell(wrapping.command)
    let whole = try sample.read("out")
    var noticed = 0
    let places = Array(10..<60) + Array(whole.count - 60..<whole.count) + (1..<30).map { whole.count / 30 * $0 }
    for place in places {
      var bytes = whole
      bytes[place] ^= 0x55
      try sample.write(bytes, to: "out")
      do {
        // What a header says of names and times may differ; the image may not.
        #expect(try sample.open("out").content == sample.content, "byte \(place) of \(whole.count)")
      } catch let error as UnpackError {
        #expect(error.kind == .corrupt || error.kind == .unsupported, "byte \(place): \(error)")
        noticed += 1
      }
    }
    #expect(noticed > places.count / 2)
  }

  @Test(.enabled(if: Tool.arePresent("gzip", "bzip2", "zstd", "lz4"), "gzip, bzip2, zstd or lz4 is missing"))
  func `a damaged second part is corrupt, not the end`() async throws {
    let sample = try Sample()
    for tool in ["gzip", "bzip2", "zstd -q", "lz4 -q"] {
      try await sample.shell(
        "head -c 2000000 disk.img | \(tool) > out; printf xx >> out; tail -c +2000001 disk.img | \(tool) >> out")
      let error = #expect(throws: UnpackError.self, "\(tool)") { try sample.open("out") }
      #expect(error?.kind == .corrupt, "\(tool): \(String(describing: error))")
    }
  }

  @Test(.enabled(if: Tool.arePresent("xz"), "xz is missing"))
  func `an xz dictionary of 1.5 GiB is unsupported, by its name`() async throws {
    let sample = try Sample()
    // The header of a one-byte file claims the dictionary: encoding one needs no more than that.
    try await sample.shell("xz -T1 --lzma2=preset=0,dict=64KiB < disk.img > out")
    var bytes = try sample.read("out")
    // Block header: size, flags, filter id 0x21, properties size 1, dictionary size code; then padding and a CRC-32.
    #expect(Array(bytes[14..<16]) == [0x21, 0x01])
    bytes[16] = 37
    try sample.write(bytes, to: "out")
    try await sample.shell(
      """
      python3 -c 'import zlib,struct; b=bytearray(open("out","rb").read()); n=(b[12]+1)*4; \
      b[12+n-4:12+n]=struct.pack("<I",zlib.crc32(b[12:12+n-4])); open("out","wb").write(b)'
      """)
    let error = #expect(throws: UnpackError.self) { try sample.open("out") }
    #expect(error?.kind == .unsupported)
    #expect(error?.description.hasSuffix("an xz dictionary or index beyond 1024 MiB") == true)
  }

  @Test(.enabled(if: Tool.arePresent("zstd"), "zstd is missing"))
  func `a zstd window of 2 GiB is unsupported`() async throws {
    let sample = try Sample()
    try await sample.shell("truncate -s 300M big; zstd -q --long=31 --single-thread < big > out")
    let error = #expect(throws: UnpackError.self) { try sample.open("out") }
    #expect(error?.kind == .unsupported, "\(String(describing: error))")
  }

  @Test(.enabled(if: Tool.arePresent("zip", "7z", "tar", "gzip", "xz"), "zip, 7z, tar, gzip or xz is missing"))
  func `what holds no single image is unsupported`() async throws {
    let sample = try Sample()
    let cases = [
      (
        "cp disk.img b.img; zip -q out.zip disk.img b.img; mv out.zip out",
        "2 disk images, where one is expected: disk.img, b.img"
      ),
      ("cp disk.img b.img; tar cf out disk.img b.img", "2 disk images, where one is expected: disk.img, b.img"),
      (
        "cp disk.img b.img; gzip -k b.img; tar czf out disk.img b.img.gz",
        "2 disk images, where one is expected: disk.img, b.img.gz"
      ),
      (
        "touch $(seq -f %g.img 1 12); tar cf out $(seq -f %g.img 1 12)",
        "12 files and no disk image: 1.img, 2.img, 3.img, 4.img, 5.img, 6.img, 7.img, 8.img, 9.img, 10.img and 2 more"
      ),
      (
        "n=$(printf 'a\\033[31m\\n.img'); cp disk.img \"$n\"; tar cf out disk.img \"$n\"; rm \"$n\"",
        "disk.img, a\\u{1b}[31m\\u{a}.img"
      ),
      (
        "mkdir -p many; cd many; touch $(seq 1 1001); tar cf ../out .; cd ..",
        "more than 999 files and no disk image: "
      ),
      (
        "mv disk.img disk; cp disk b; zip -q out.zip disk b; mv out.zip out; mv disk disk.img",
        "2 disk images, where one is expected: disk, b"
      ),
      ("mkdir -p empty; zip -q -r out.zip empty; mv out.zip out", "0 files"),
      ("zip -q -P secret out.zip disk.img; mv out.zip out", "encrypted"),
      ("7z a -mx1 out.7z disk.img > log; mv out.7z out", "7z as a container"),
      (
        "head -c 300000 /dev/urandom > big.img; zip -q -s 64k out.zip big.img; mv out.z01 out; rm out.z*",
        "zip in several parts as a container"
      ),
      (
        "head -c 300000 /dev/urandom > big.img; zip -q -s 64k out.zip big.img; mv out.zip out; rm out.z*",
        "the last part of a split zip as a container"
      ),
      (
        "7z a -mx1 out.7z disk.img > log; (printf MZ; head -c 4096 /dev/zero; cat out.7z) > out",
        "self-extracting program as a container"
      ),
      (
        "mkdir -p boot; echo x > boot/config.txt; head -c 3000 /dev/zero > boot/kernel8.img; zip -q -r out.zip boot; mv out.zip out",
        "2 files and no disk image: boot/config.txt, boot/kernel8.img"
      ),
      (
        "mkdir -p sys/etc; echo x > sys/etc/passwd; cp disk.img sys; tar -C sys -cf out .",
        "with the disk image ./disk.img and with a system beside it, ./etc/passwd: unpack it"
      ),
      (
        "mkdir -p sys2/etc sys2/srv; echo x > sys2/etc/passwd; cp disk.img sys2/srv; tar -C sys2 -cf out .",
        "2 files and no disk image"
      ),
      ("7z a -mx1 out.7z disk.img > log; gzip < out.7z > out", "7z inside gzip"),
      ("zip -q out.zip disk.img; xz < out.zip > out", "zip inside xz"),
      ("zip -q out.zip disk.img; tar cf out out.zip", "zip inside tar"),
      ("tar cf disk.tar disk.img; zip -q out.zip disk.tar; mv out.zip out", "tar inside zip"),
      ("xz -0 < disk.img | gzip | gzip > out", "xz inside gzip inside gzip"),
      ("tar c disk.img | gzip | gzip > out", "tar inside gzip inside gzip"),
      ("xz -0 < disk.img | gzip > disk.img.gz; tar cf out disk.img.gz", "xz inside gzip inside tar"),
      (
        "xz -0 < disk.img | gzip > disk.img.gz; zip -q out.zip disk.img.gz; mv out.zip out", "xz inside gzip inside zip"
      ),
    ]
    for (command, reason) in cases {
      try await sample.shell("rm -f out.zip; " + command)
      let error = #expect(throws: UnpackError.self, "\(command)") { try sample.open("out") }
      #expect(
        error?.kind == .unsupported && error?.description.contains(reason) == true,
        "\(command): \(String(describing: error))")
    }
  }

  @Test func `empty files and garbage are raw disks, which others judge`() throws {
    let sample = try Sample()
    for bytes in [[], [0x1F], Array("PK".utf8), [UInt8](repeating: 0xA5, count: 100_000)] {
      try sample.write(bytes, to: "out")
      let image = try sample.open("out")
      #expect(image.container == .raw)
      #expect(try image.content == SHA256.of(bytes))
    }
  }

  @Test func `what is no file is an error of input`() throws {
    let sample = try Sample()
    #expect(throws: UnpackError.self) { try sample.open("nothing") }
    #expect(try #require(throws: UnpackError.self) { try sample.open("") }.description.contains("irectory"))
  }

  @Test(.enabled(if: Tool.arePresent("gzip"), "gzip is missing"))
  func `a disk beyond the limit ends in an error and leaves nothing`() async throws {
    let sample = try Sample()
    try await sample.shell("gzip < disk.img > out")
    let cache = ImageCache(folder: sample.cacheFolder, limit: sample.bytes.count - 1)
    let error = #expect(throws: UnpackError.self) { try cache.open(sample.folder.appending("out")) }
    #expect(error?.kind == .unsupported)
    #expect(try await sample.cachedNames() == [])
    _ = try ImageCache(folder: sample.cacheFolder, limit: sample.bytes.count).open(sample.folder.appending("out"))
  }

  @Test(.enabled(if: Tool.arePresent("gzip", "mount"), "gzip or mount is missing"))
  func `a full disk ends in an error of output and leaves nothing`() async throws {
    let sample = try Sample()
    try await sample.shell("gzip < disk.img > out; mkdir cache")
    let mount = try await Tool.run(
      "mount", ["-t", "tmpfs", "-o", "size=512k,mode=700", "none", "\(sample.cacheFolder)"])
    guard mount.status == 0 else { try Test.cancel("a full disk needs the right to mount: \(mount.output)") }
    let error = #expect(throws: UnpackError.self) { try sample.open("out") }
    let names = try await sample.cachedNames()
    try await sample.shell("umount cache")
    #expect(error?.kind == .io)
    #expect(error?.description.contains("No space left") == true)
    #expect(names == [])
  }
}
