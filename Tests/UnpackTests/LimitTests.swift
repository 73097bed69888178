import Bytes
import Glibc
import Storage
import SystemPackage
import TestSupport
import Testing

@testable import Unpack

/// What a file may cost: memory, disk and time.
@Suite(.enabled(if: Tool.arePresent("gzip", "xz", "python3"), "gzip, xz or python3 is missing"))
struct LimitTests {
  @Test func `an index that claims more than a disk can be is refused before a block is decoded`() async throws {
    let sample = try Sample()
    // 4000 streams of 16 MiB of zeros: 62.5 GiB in 10 MB.
    try await sample.shell("head -c 16777216 /dev/zero | xz -0 > z; for i in $(seq 4000); do cat z; done > out")
    for access in [Access.whole, .scattered] {
      let error = #expect(throws: UnpackError.self) {
        try sample.cache.open(sample.folder.appending("out"), access: access)
      }
      #expect(error?.kind == .unsupported && error?.description.contains("a disk of 67108864000 bytes") == true)
    }
    #expect(try await sample.cachedNames() == [])
  }

  @Test func `a bomb in any stream ends at the limit`() async throws {
    let sample = try Sample()
    let cache = ImageCache(folder: sample.cacheFolder, limit: 8 << 20)
    for command in [
      "gzip < big > out", "xz -T1 < big > out", "xz --block-size=1MiB < big > out", "gzip < big | gzip > out",
      "cp big big.img; tar czf out big.img", "bzip2 < big > out", "zstd -q < big > out", "lz4 -q < big > out",
      "zip -q out.zip big; mv out.zip out", "xz < big > big.img.xz; zip -q out.zip big.img.xz; mv out.zip out",
    ] {
      try await sample.shell("truncate -s 9M big; " + command)
      let error = #expect(throws: UnpackError.self, "\(command)") { try cache.open(sample.folder.appending("out")) }
      #expect(error?.kind == .unsupported && error?.description.contains("bytes") == true, "\(command)")
    }
    #expect(try await sample.cachedNames() == [])
  }

  @Test func `a tiny file holds no terabyte, a large one may`() throws {
    let limit = 1 << 40
    #expect(Unpacking.limit(limit, forFileOf: 1000) == 32 << 30)
    #expect(Unpacking.limit(limit, forFileOf: 100 << 20) == 100_000 << 20)
    #expect(Unpacking.limit(limit, forFileOf: 1 << 40) == 1 << 40)
    #expect([32 << 30, 1 << 40].contains(Unpacking.limit(limit, forFileOf: .max)))
  }

  @Test(.enabled(if: Tool.arePresent("mount"), "mount is missing"))
  func `the volume of the cache is never filled`() async throws {
    let sample = try Sample()
    try await sample.shell("head -c 200M /dev/urandom > big; gzip -1 < big > out; mkdir cache")
    let mount = try await Tool.run(
      "mount", ["-t", "tmpfs", "-o", "size=100m,mode=700", "none", "\(sample.cacheFolder)"])
    guard mount.status == 0 else { try Test.cancel("a full disk needs the right to mount: \(mount.output)") }
    try await sample.shell("head -c 96M /dev/zero > cache/other")
    let error = #expect(throws: UnpackError.self) { try sample.open("out") }
    let names = try await sample.cachedNames()
    try await sample.shell("umount cache")
    #expect(error?.kind == .io && error?.description.contains("less than 5 MiB would stay free") == true)
    #expect(names == [])
  }

  @Test func `images used least recently make room, those in use stay`() async throws {
    var sample = try Sample(size: 1 << 20)
    for number in 1...8 {
      try await sample.shell("(cat disk.img; echo \(number)) | gzip > \(number)")
    }
    let first = try sample.open("1")
    let size = try #require(first.source.fileRange(at: 0)).file.descriptor.stat().sizeAllocated
    // For four of them, which are all of one size but for what the file system needs to find their pieces.
    sample.cache = ImageCache(folder: sample.cacheFolder, capacity: Int(size) * 9 / 2)
    for number in 2...8 {
      _ = try sample.open("\(number)")
      // Used again and again.
      #expect(try sample.cache.open(sample.folder.appending("2"), expecting: SHA256.of(sample.read("2"))).wasCached)
      try await sample.shell("sleep 0.02")
    }
    #expect(try first.source.read(at: 0, count: 100) == Array(sample.bytes[..<100]))
    let names = try await sample.cachedNames()
    #expect(names.count == 8, "\(names)")
    for (number, stays) in [(1, true), (2, true), (3, false), (8, true)] {
      let digest = SHA256.of(try sample.read("\(number)"))
      #expect(names.contains("\(digest).img") == stays && names.contains("\(digest).record") == stays, "\(number)")
    }
  }

  @Test func `an xz index of a thousand million blocks costs no memory`() async throws {
    let sample = try Sample()
    // The index of an empty file, made to say 2^30 records; its checksum is right.
    try await sample.shell(
      """
      xz < /dev/null > out
      python3 -c 'import zlib,struct; b=open("out","rb").read(); i=bytes([0])+b"\\x80\\x80\\x80\\x80\\x04"+bytes(2); \
      i+=struct.pack("<I",zlib.crc32(i)); f=struct.pack("<I",len(i)//4-1)+b[6:8]; \
      f=struct.pack("<I",zlib.crc32(f))+f+b"YZ"; open("out","wb").write(b[:12]+i+f)'
      """)
    let error = #expect(throws: UnpackError.self) { try sample.open("out") }
    #expect(error?.kind == .unsupported || error?.kind == .corrupt)
  }
}
