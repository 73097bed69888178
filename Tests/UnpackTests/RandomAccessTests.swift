import Bytes
import Storage
import SystemPackage
import TestSupport
import Testing

@testable import Unpack

/// Disks in .xz files of several blocks, read where they are.
@Suite(.enabled(if: Tool.arePresent("xz"), "xz is missing"))
struct RandomAccessTests {
  private func open(_ sample: Sample, _ name: String = "out") throws(UnpackError) -> UnpackedImage {
    try sample.cache.open(sample.folder.appending(name), access: .scattered)
  }

  @Test(arguments: [
    "xz --block-size=64KiB < disk.img > out", "xz --block-size=1MiB -C sha256 < disk.img > out",
    "xz --block-size=100000 -C none --delta=dist=4 --lzma2=preset=6 < disk.img > out",
    "xz --x86 --lzma2=dict=1MiB --block-size=300KiB -C crc32 < disk.img > out",
    "head -c 1000001 disk.img | xz -C crc32 > out; xz < /dev/null >> out; head -c 512 /dev/zero >> out; tail -c +1000002 disk.img | xz --block-size=1MiB >> out",
  ])
  func `any range, from several threads, without a cache`(_ command: String) async throws {
    let sample = try Sample()
    try await sample.shell(command)
    let image = try open(sample)
    #expect(image.source is XZSource)
    #expect(image.inputDigest == nil && image.container.description.hasPrefix("xz, "))
    #expect(image.source.size == sample.bytes.count)
    #expect(try image.content == sample.content)
    await withTaskGroup(of: Void.self) { group in
      for seed in 0..<4 {
        group.addTask {
          var numbers = SplitMix64(UInt64(seed))
          for _ in 0..<20 {
            let start = Int.random(in: 0..<sample.bytes.count, using: &numbers)
            let count = Int.random(in: 0...min(200_000, sample.bytes.count - start), using: &numbers)
            let isSame = try? image.source.read(at: start, count: count).elementsEqual(
              sample.bytes[start..<start + count])
            #expect(isSame == true, "\(count) bytes at \(start)")
          }
        }
      }
    }
    #expect(throws: IOError.self) { try image.source.read(at: sample.bytes.count, count: 1) }
    #expect(try await sample.cachedNames() == [])
  }

  @Test func `only the blocks that are asked for are decoded`() async throws {
    let sample = try Sample()
    try await sample.shell("xz --block-size=256KiB < disk.img > out")
    var bytes = try sample.read("out")
    // In the middle of the coded noise, which is all in the first of five parts.
    bytes[400_000] ^= 0xFF
    try sample.write(bytes, to: "out")
    let image = try open(sample)
    #expect(try image.source.read(at: 0, count: 512) == Array(sample.bytes[..<512]))
    #expect(try image.source.read(at: 2 << 20, count: 9000) == Array(sample.bytes[2 << 20..<2 << 20 + 9000]))
    for _ in 0..<2 {
      let error = #expect(throws: IOError.self) { try image.source.read(at: 256 << 10, count: 256 << 10) }
      #expect(error?.kind == .corrupt)
      let path = sample.folder.appending("out")
      #expect(error?.description.hasPrefix("\(path): corrupt xz block 2 at or before byte ") == true)
    }
  }

  @Test(arguments: [
    "xz -T1 < disk.img > out", "xz --block-size=2KiB < disk.img > out", "gzip < disk.img > out",
    "gzip < disk.img | xz --block-size=64KiB > out", "tar c disk.img | xz --block-size=64KiB > out",
  ])
  func `what is better decoded as a whole is`(_ command: String) async throws {
    let sample = try Sample()
    try await sample.shell(command)
    let image = try open(sample)
    #expect(!(image.source is XZSource) && image.imageDigest == sample.content)
    #expect(image.inputDigest != nil)
  }

  @Test func `what was decoded before is not decoded in place`() async throws {
    var sample = try Sample()
    sample.cache.tick = 0
    try await sample.shell("xz --block-size=64KiB < disk.img > out; sleep 0.05")
    #expect(try open(sample).source is XZSource)
    _ = try sample.open("out")
    let image = try open(sample)
    #expect(image.wasCached && image.imageDigest == sample.content && !(image.source is XZSource))
  }

  @Test func `no more of a block is decoded than what is read, and verifying decodes the rest`() async throws {
    let sample = try Sample()
    try await sample.shell("xz --block-size=2MiB < disk.img > out")
    var bytes = try sample.read("out")
    let list = try await Tool.run("xz", ["--robot", "-lvv", "\(sample.folder.appending("out"))"]).output
    let block = try #require(list.split(separator: "\n").map { $0.split(separator: "\t") }.first { $0[0] == "block" })
    // The last byte of the first block is the last of its check.
    bytes[try #require(Int(block[4])) + #require(Int(block[6])) - 1] ^= 1
    try sample.write(bytes, to: "out")
    let image = try open(sample)
    for range in [0..<512, 600_000..<900_000, 100..<700_000] {
      let read = try image.source.read(at: range.lowerBound, count: range.count)
      #expect(SHA256.of(read) == SHA256.of(Array(sample.bytes[range])))
    }
    let error = #expect(throws: IOError.self) { try image.source.verify(at: 512, count: 1) }
    #expect(error?.kind == .corrupt)
    #expect(error?.description.contains(": corrupt xz block 1 at or before byte ") == true)
    #expect(throws: IOError.self) { try image.source.read(at: (2 << 20) - 10, count: 10) }
    try image.source.verify(at: 2 << 20, count: sample.bytes.count - 2 << 20)
    let part = try WindowSource(image.source, range: 512..<4096)
    #expect(throws: IOError.self) { try part.verify(at: 0, count: 512) }
  }

  @Test func `what was made ready needs the file no more`() async throws {
    let sample = try Sample()
    try await sample.shell("xz --block-size=256KiB < disk.img > out")
    let image = try open(sample)
    let ranges = [2 << 20..<(2 << 20) + 300_000, 1000..<2000, 0..<0, 500_000..<700_000, 600_000..<600_001]
    image.source.prefetch(ranges + [image.source.size - 1..<image.source.size + 100])
    try sample.write([UInt8](repeating: 0, count: try sample.read("out").count), to: "out")
    for range in ranges {
      #expect(try image.source.read(at: range.lowerBound, count: range.count) == Array(sample.bytes[range]))
    }
    #expect(throws: IOError.self) { try image.source.read(at: 800_000, count: 1) }
  }

  @Test func `what cannot be made ready is an error when it is read`() async throws {
    let sample = try Sample()
    try await sample.shell("xz --block-size=256KiB < disk.img > out")
    var bytes = try sample.read("out")
    bytes[400_000] ^= 0xFF
    try sample.write(bytes, to: "out")
    let image = try open(sample)
    image.source.prefetch([0..<image.source.size])
    #expect(throws: IOError.self) { try image.source.read(at: 256 << 10, count: 256 << 10) }
    #expect(try image.source.read(at: 0, count: 512) == Array(sample.bytes[..<512]))
  }

  @Test func `a block is kept from where it was asked for on, and all of it if that was too late`() async throws {
    let sample = try Sample()
    try await sample.shell("xz --block-size=2MiB < disk.img > out")
    let source = try FileSource(sample.folder.appending("out"))
    let block = try #require(XZIndex(Input(source, progress: nil, cancelled: { false })).block(at: 0))
    let decoded = DecodedBlock(size: block.range.count)
    let reader = XZBlockReader(source)
    func check(_ range: Range<Int>) throws {
      let memory = try #require(try decoded.content(of: block, in: range, by: reader, through: allowance(1)))
      let bytes = unsafe Array(UnsafeBufferPointer(memory.bytes)[range])
      #expect(SHA256.of(bytes) == SHA256.of(Array(sample.bytes[range])))
    }
    // The noise ends at 629 kB, and the text begins at 2.1 MB: between them lie zeros.
    try check(600_000..<700_000)
    #expect(decoded.zeroCount < 100_000)
    try check(650_000..<2 << 20)
    #expect(1_300_000..<1_500_000 ~= decoded.zeroCount)
    try check(0..<1000)
    #expect(decoded.zeroCount < 100_000)
    try check(0..<2 << 20)
    #expect(1_300_000..<1_500_000 ~= decoded.zeroCount)
    try sample.write([UInt8](repeating: 0, count: try sample.read("out").count), to: "out")
    try check(100_000..<700_000)
  }

  @Test func `few blocks are kept, those used last`() {
    let (size, large) = (512 << 10, 2 << 20)
    var recent = RecentBlocks(limit: 1 << 20)
    let first = recent.block(0, size: size, asking: 0..<size)
    let second = recent.block(1, size: size, asking: 0..<size)
    #expect(recent.block(0, size: size, asking: 0..<1) === first)
    _ = recent.block(2, size: size, asking: 0..<size)
    #expect(recent.block(0, size: size, asking: 0..<size) === first)
    #expect(recent.block(1, size: size, asking: 0..<size) !== second)
    let whole = recent.block(3, size: large, asking: 0..<large)
    #expect(recent.block(3, size: large, asking: 0..<large) === whole)
    recent.remove(3, first)
    #expect(recent.block(3, size: large, asking: 0..<large) === whole)
    recent.remove(3, whole)
    #expect(recent.block(3, size: large, asking: 0..<large) !== whole)
  }

  @Test func `a block counts for as much as it is decoded, with a dictionary until that is all`() {
    let size = 1 << 20
    var recent = RecentBlocks(limit: size)
    let parts = (0..<4).map { recent.block($0, size: size, asking: 0..<128 << 10) }
    for (number, part) in parts.enumerated() { #expect(recent.block(number, size: size, asking: 0..<1) === part) }
    _ = recent.block(4, size: size, asking: 0..<1)
    #expect(recent.block(1, size: size, asking: 0..<1) === parts[1])
    #expect(recent.block(0, size: size, asking: 0..<1) !== parts[0])
  }

  @Test func `what lies before the first byte asked for does not count, until it is asked for`() {
    let size = 1 << 20
    var recent = RecentBlocks(limit: size)
    let parts = (0..<4).map { recent.block($0, size: size, asking: size - (128 << 10)..<size) }
    for (number, part) in parts.enumerated() {
      #expect(recent.block(number, size: size, asking: size - 1..<size) === part)
    }
    #expect(recent.block(3, size: size, asking: 1..<2) === parts[3])
    for (number, part) in parts.dropLast().enumerated() {
      #expect(recent.block(number, size: size, asking: size - 1..<size) !== part)
    }
  }
}
