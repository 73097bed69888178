import Bytes
import Storage
import SystemPackage
import TestSupport
import Testing

@testable import Unpack

/// Images in Android's sparse format.
struct SparseImageTests {
  /// A whole number of blocks.
  private static let size = 3 << 20

  @Test(
    .enabled(if: Tool.arePresent("img2simg", "simg2img", "xz", "gzip"), "img2simg, simg2img, xz or gzip is missing"),
    arguments: [
      ("img2simg disk.img out", "Android sparse"),
      ("img2simg disk.img out 65536", "Android sparse"),
      ("img2simg disk.img s; gzip < s > out", "gzip, Android sparse"),
      ("img2simg disk.img s; xz --block-size=64KiB < s > out", "xz, "),
      (
        "img2simg disk.img disk.simg; rm -f out.zip; zip -q out.zip disk.simg; mv out.zip out",
        "zip, disk.simg, Android sparse"
      ),
      ("img2simg disk.img a.img; gzip a.img; tar cf out a.img.gz", "tar, a.img.gz, gzip, Android sparse"),
    ])
  func `is read as the disk that img2simg was given`(_ command: String, _ container: String) async throws {
    let sample = try Sample(size: Self.size)
    try await sample.shell(
      "tr '\\\\0' 'x' < /dev/zero | dd of=disk.img bs=4096 seek=500 count=100 conv=notrunc status=none iflag=fullblock\n"
        + command)
    let disk = try sample.read("disk.img")
    let image = try sample.open("out")
    #expect(image.container.description.hasPrefix(container) && image.container.description.hasSuffix("Android sparse"))
    #expect(try image.content == SHA256.of(disk))
    let again = try sample.cache.open(sample.folder.appending("out"), access: .scattered)
    #expect(again.container == image.container)
    for start in stride(from: 0, to: Self.size - 70_000, by: 65_521) {
      #expect(try again.source.read(at: start, count: 70_000) == Array(disk[start..<start + 70_000]))
    }
  }

  @Test(.enabled(if: Tool.arePresent("simg2img"), "simg2img is missing"))
  func `a made one means to simg2img what it means here`() async throws {
    let sample = try Sample()
    let made = Made().file()
    try sample.write(made, to: "out")
    try await sample.shell("simg2img out expanded")
    #expect(try sample.open("out").content == SHA256.of(try sample.read("expanded")))
  }

  @Test func `checksums are verified, with and without what is left out`() throws {
    let sample = try Sample()
    for countsNothing in [true, false] {
      var made = Made()
      made.checksum = made.crc(countsNothing: countsNothing)
      #expect(try made.open(in: sample).source.size == 12 * 4096)
      var inside = Made()
      inside.chunks.append(.init(type: 0xCAC4, blocks: 0, data: Made.bytes(made.checksum)))
      #expect(try inside.open(in: sample).source.size == 12 * 4096)
    }
    var wrong = Made()
    wrong.checksum = 1
    #expect(throws: UnpackError.self) { try wrong.open(in: sample) }
    wrong = Made()
    wrong.chunks.append(.init(type: 0xCAC4, blocks: 0, data: [1, 2, 3, 4]))
    #expect(throws: UnpackError.self) { try wrong.open(in: sample) }
  }

  @Test func `hostile ones are refused, by what is wrong`() throws {
    let sample = try Sample()
    let cases: [(String, FailureKind, (inout Made) -> Void)] = [
      ("version 2", .unsupported, { $0.version = 2 }),
      ("short header", .corrupt, { $0.headerSize = 27 }),
      ("short chunk header", .corrupt, { $0.chunkHeaderSize = 11 }),
      ("no block size", .corrupt, { $0.blockSize = 0 }),
      ("odd block size", .corrupt, { $0.blockSize = 4098 }),
      (
        "huge disk", .unsupported,
        {
          $0.blocks = .max; $0.blockSize = .max - 3
        }
      ),
      ("too few blocks", .corrupt, { $0.blocks = 13 }),
      ("too many blocks", .corrupt, { $0.blocks = 11 }),
      ("a chunk of 2^32 - 1 blocks", .corrupt, { $0.chunks[2].blocks = .max }),
      ("more chunks than there are", .corrupt, { $0.chunkCount = 6 }),
      ("a million chunks", .unsupported, { $0.chunkCount = .max }),
      ("fewer chunks than there are", .corrupt, { $0.chunkCount = 3 }),
      ("unknown chunk", .corrupt, { $0.chunks[1].type = 0xCAC5 }),
      ("raw chunk cut short", .corrupt, { $0.chunks[0].data.removeLast() }),
      ("fill of 8 bytes", .corrupt, { $0.chunks[1].data += [0, 0, 0, 0] }),
      ("checksum with blocks", .corrupt, { $0.chunks[1].type = 0xCAC4 }),
    ]
    for (name, kind, change) in cases {
      var made = Made()
      change(&made)
      let error = #expect(throws: UnpackError.self, "\(name)") { try made.open(in: sample) }
      #expect(error?.kind == kind, "\(name): \(String(describing: error))")
    }
    let whole = Made().file()
    for cut in [4, 27, 28, 39, 40, 5000, whole.count - 1] {
      try sample.write(Array(whole[..<cut]), to: "out")
      #expect(throws: UnpackError.self, "cut to \(cut)") { try sample.open("out") }
    }
  }

  @Test func `a changed byte of the headers gives a disk or an error`() throws {
    let whole = Made().file()
    for place in Array(4..<40) + Array(8216..<whole.count) {
      for value: UInt8 in [0, 1, 0x7F, 0xFF] {
        var bytes = whole
        bytes[place] = value
        guard let source = try? SparseImageSource(MemorySource(bytes), limit: 1 << 40) else { continue }
        #expect(throws: Never.self) { try source.read(at: 0, count: min(source.size, 1 << 16)) }
        #expect(throws: Never.self) { try source.read(at: max(0, source.size - 5), count: min(5, source.size)) }
      }
    }
  }

  @Test(.timeLimit(.minutes(3)))
  func `a checksum after each of a hundred thousand chunks costs each chunk once`() throws {
    var made = Made(blockSize: 4, blocks: 100_000, chunks: [])
    var crc = UInt32.max
    for number in 0..<made.blocks {
      let data = Made.bytes(number)
      for byte in data { crc = Made.crc(crc, byte) }
      made.chunks.append(.init(type: 0xCAC1, blocks: 1, data: data))
      made.chunks.append(.init(type: 0xCAC4, blocks: 0, data: Made.bytes(~crc)))
    }
    let source = try SparseImageSource(MemorySource(made.file()), limit: 1 << 40)
    #expect(try source.read(at: 4 * 99_999, count: 4) == Made.bytes(99_999))
    made.chunks[100_001].data[0] ^= 1
    #expect(throws: UnpackError.self) { try SparseImageSource(MemorySource(made.file()), limit: 1 << 40) }
  }

  /// A sparse image of 12 blocks in the making.
  private struct Made {
    struct Chunk {
      var type: UInt16
      var blocks: UInt32
      var data: [UInt8]
    }

    var version: UInt16 = 1
    var headerSize: UInt16 = 28
    var chunkHeaderSize: UInt16 = 12
    var blockSize: UInt32 = 4096
    var blocks: UInt32 = 12
    var chunkCount: UInt32?
    var checksum: UInt32 = 0
    var chunks = [
      Chunk(type: 0xCAC1, blocks: 2, data: (0..<8192).map { UInt8(truncatingIfNeeded: $0 &* 7 >> 3) }),
      Chunk(type: 0xCAC2, blocks: 3, data: [1, 2, 3, 4]),
      Chunk(type: 0xCAC3, blocks: 5, data: []),
      Chunk(type: 0xCAC2, blocks: 2, data: [0, 0, 0, 0]),
    ]

    func file() -> [UInt8] {
      var bytes: [UInt8] = [0x3A, 0xFF, 0x26, 0xED]
      for value in [version, 0, headerSize, chunkHeaderSize] { bytes.append(le: value) }
      for value in [blockSize, blocks, chunkCount ?? UInt32(chunks.count), checksum] { bytes.append(le: value) }
      for chunk in chunks {
        bytes.append(le: chunk.type)
        bytes.append(le: UInt16(0))
        bytes.append(le: chunk.blocks)
        bytes.append(le: UInt32(12 + chunk.data.count))
        bytes += chunk.data
      }
      return bytes
    }

    func open(in sample: Sample) throws(UnpackError) -> UnpackedImage {
      do { try sample.write(file(), to: "out") } catch { Issue.record("\(error)") }
      return try sample.open("out")
    }

    /// The CRC-32 of the disk, bit by bit.
    func crc(countsNothing: Bool) -> UInt32 {
      var crc = UInt32.max
      for chunk in chunks where chunk.type != 0xCAC3 || countsNothing {
        for index in 0..<Int(chunk.blocks) * 4096 {
          let byte = chunk.type == 0xCAC1 ? chunk.data[index] : chunk.type == 0xCAC2 ? chunk.data[index % 4] : 0
          crc = Self.crc(crc, byte)
        }
      }
      return ~crc
    }

    /// The CRC-32, not yet inverted, with one byte more.
    static func crc(_ crc: UInt32, _ byte: UInt8) -> UInt32 {
      (0..<8).reduce(crc ^ UInt32(byte)) { crc, _ in crc >> 1 ^ (crc & 1 == 1 ? 0xEDB8_8320 : 0) }
    }

    static func bytes(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> UInt32($0 * 8)) } }
  }
}
