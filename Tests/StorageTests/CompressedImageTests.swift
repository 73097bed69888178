import Bytes
import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import Storage

@Suite(.serialized, .enabled(if: Tool.arePresent("xz", "zstd", "cmp"), "xz or zstd is missing"))
struct CompressedImageTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static let noise: [UInt8] = {
    var state: UInt32 = 1
    return (0..<3 << 20 + 511).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return UInt8(state >> 28)
    }
  }()
  private static let source = MemorySource(noise)

  /// 40 MiB of zeros, sources and own bytes, which `variant` changes in one place.
  private func runs(variant: UInt8 = 0) -> [Run] {
    let noise = CompressedImageTests.noise
    return [
      .bytes([variant, 2, 3]), .zeros(2 << 20 - 3),
      .source(CompressedImageTests.source, offset: 0, count: noise.count),
      .bytes(Array(noise[..<700_000])), .zeros(35 << 20), .bytes([9]), .zeros(1023),
    ]
  }

  private func write(
    _ runs: [Run], _ compression: Compression, to name: String, store: String = "store"
  ) throws -> (path: FilePath, size: Int, compressed: Int) {
    let source = RunSource(runs, name: name)
    let path = folder.appending(name)
    let file = try FileDescriptor.open(
      path, .writeOnly, options: [.create, .exclusiveCreate], permissions: [.ownerReadWrite])
    defer { try? file.close() }
    let image = CompressedImage(
      source, digests: try BlockDigests(of: source), compression: compression,
      stores: .init(
        shared: ChunkStore(folder: try? HeldFolder(folder.appending(store))), own: ChunkStore(folder: nil),
        ownRanges: []),
      gate: Gate(2))
    let (size, _, compressed) = try image.write(to: file, path: path, progress: nil)
    return (path, size, compressed)
  }

  private func plain(_ runs: [Run]) throws -> FilePath {
    let path = folder.appending("plain")
    let source = RunSource(runs, name: "plain")
    try StorageTests.write(source.read(at: 0, count: source.size), to: path)
    return path
  }

  private func expect(_ tool: String, _ arguments: String...) async throws -> String {
    let result = try await Tool.run(tool, arguments)
    #expect(result.status == 0, "\(tool) \(arguments): \(result.output)")
    return result.standardOutput
  }

  @Test(arguments: Compression.allCases)
  func `an image is what the format's own tool unpacks`(_ compression: Compression) async throws {
    let tool = compression.rawValue
    let (path, size, compressed) = try write(runs(), compression, to: "image\(compression.suffix)")
    #expect(try FileSource(path).size == size)
    #expect(compressed > 3)
    _ = try await expect(tool, "-t", path.string)
    let list = try await expect(tool, "-lv", path.string)
    #expect(list.contains("CRC64") || list.contains("XXH64"), "\(list)")
    _ = try await expect(tool, "-dk", path.string)
    let original = try plain(runs())
    _ = try await expect("cmp", original.string, folder.appending("image").string)
  }

  @Test(arguments: Compression.allCases)
  func `a second image compresses what differs, and is the same without a store`(_ compression: Compression) throws {
    for folder in ["store", "other"] { try makeFolder(self.folder.appending(folder)) }
    let first = try write(runs(), compression, to: "first")
    let second = try write(runs(variant: 1), compression, to: "second")
    #expect(second.compressed == 1)
    #expect(try write(runs(variant: 1), compression, to: "third").compressed == 0)
    let alone = try write(runs(variant: 1), compression, to: "alone", store: "other")
    #expect(alone.compressed == first.compressed)
    let none = try write(runs(variant: 1), compression, to: "none", store: "nowhere")
    let bytes = try FileSource(second.path).read(at: 0, count: second.size)
    for image in [alone, none] { #expect(try FileSource(image.path).read(at: 0, count: image.size) == bytes) }
  }

  @Test func `a spoiled chunk is made again`() async throws {
    try makeFolder(folder.appending("store"))
    _ = try write(runs(), .zstd, to: "first")
    for name in try await expect("ls", folder.appending("store").string).split(separator: "\n") {
      let file = try FileDescriptor.open(folder.appending("store/\(name)"), .writeOnly)
      try file.writeAll(toAbsoluteOffset: 20, [1, 2, 3, 4, 5])
      try file.close()
    }
    let again = try write(runs(), .zstd, to: "again.zst")
    #expect(again.compressed > 3)
    _ = try await expect("zstd", "-t", again.path.string)
  }

  @Test(.enabled(if: Tool.arePresent("bmaptool"), "bmaptool is missing"))
  func `bmaptool copies by the block map, and finds what was changed`() async throws {
    let runs = runs()
    let digests = try BlockDigests(of: RunSource(runs, name: "image"))
    let image = try plain(runs)
    let map = folder.appending("plain.bmap")
    try StorageTests.write(BlockMap(digests).text, to: map)
    _ = try await expect("bmaptool", "copy", "--bmap", map.string, image.string, folder.appending("copy").string)
    _ = try await expect("cmp", image.string, folder.appending("copy").string)
    #expect(BlockMap(digests).text.count < 3000, "zeros are not mapped")
    let file = try FileDescriptor.open(image, .readWrite)
    try file.writeAll(toAbsoluteOffset: 3 << 20, [0xFF])
    try file.close()
    let bad = try await Tool.run(
      "bmaptool", ["copy", "--bmap", map.string, image.string, folder.appending("bad").string])
    #expect(bad.status != 0)
  }

  @Test(.enabled(if: Tool.arePresent("split", "sha256sum", "xxd", "bash"), "coreutils or xxd is missing"))
  func `the digest of blocks is what its documentation says`() async throws {
    let runs = runs()
    let digests = try BlockDigests(of: RunSource(runs, name: "image"))
    let command =
      "split --bytes=1M --filter='sha256sum | cut --bytes=-64 | xxd -revert -plain' \(try plain(runs)) | sha256sum"
    #expect(try await expect("bash", "-c", command).hasPrefix("\(digests.digest)"))
    let other = self.runs(variant: 1)
    let difference = RunDifference(between: runs, and: other)
    let shared = try BlockDigests(of: RunSource(other, name: "b"), like: (digests, difference))
    #expect(shared.blocks == (try BlockDigests(of: RunSource(other, name: "b"))).blocks)
    #expect(zip(shared.blocks, digests.blocks).filter { $0 != $1 }.count == 1)
  }

  @Test func `cuts cover the image, on the grid, and small where pibake wrote`() {
    let runs = runs()
    let chunks = ChunkPlan(runs).chunks
    #expect(chunks.first?.lowerBound == 0)
    #expect(chunks.last?.upperBound == runs.reduce(0) { $0 + $1.count })
    for (chunk, next) in zip(chunks, chunks.dropFirst()) { #expect(chunk.upperBound == next.lowerBound) }
    var own: [Range<Int>] = []
    var offset = 0
    for run in runs {
      if case .bytes = run { own.append(offset..<offset + run.count) }
      offset += run.count
    }
    for chunk in chunks {
      #expect(!chunk.isEmpty && chunk.count <= ChunkPlan.largest)
      let isOwn = own.contains { $0.overlaps(chunk) }
      #expect(!isOwn || chunk.count <= ChunkPlan.smallest, "\(chunk)")
      #expect(chunk.lowerBound.isMultiple(of: ChunkPlan.smallest), "\(chunk)")
    }
    #expect(chunks.contains { $0.count == ChunkPlan.largest })
    #expect(ChunkPlan([]).chunks == [])
    #expect(ChunkPlan([.bytes([1])]).chunks == [0..<1])
  }

  private func names() async throws -> Set<Substring> {
    Set(try await expect("ls", folder.appending("store").string).split(separator: "\n"))
  }

  /// An inode table between two contents, all of it written by pibake, whose 4 KiB at `place` are a node's own.
  private func table(changed place: Int?) -> [Run] {
    let noise = CompressedImageTests.noise
    var table = Array(noise[..<(2 << 20 + 12 << 10)])
    if let place { table.replaceSubrange(place..<place + 4096, with: repeatElement(0xFF, count: 4096)) }
    let content = Run.source(CompressedImageTests.source, offset: 0, count: 1 << 20 + 20 << 10)
    return [content, .bytes(table), content, .zeros(3 << 20)]
  }

  @Test(arguments: Compression.allCases)
  func `a node that differs in one block of 4 KiB compresses one small chunk`(_ compression: Compression) async throws {
    try makeFolder(folder.appending("store"))
    #expect(ChunkPlan(table(changed: nil)).chunks == ChunkPlan(table(changed: 1 << 20)).chunks)
    _ = try write(table(changed: nil), compression, to: "first")
    let before = try await names()
    // From the start of the small chunk at 1 MiB + 1 MiB, which is whole in the table.
    let second = try write(table(changed: 1 << 20 - 20 << 10), compression, to: "second")
    #expect(second.compressed == 1)
    let made = try await names().subtracting(before)
    #expect(made.count == 1)
    for name in made { #expect(try FileSource(folder.appending("store/\(name)")).size < ChunkPlan.smallest) }
    // Across the border of two.
    #expect(try write(table(changed: 1 << 20 + 42 << 10), compression, to: "third").compressed == 2)
  }

  @Test func `the dictionary of a chunk is no larger than the chunk`() async throws {
    let (path, _, _) = try write(runs(), .xz, to: "image.xz")
    let list = try await expect("xz", "-lvv", path.string).split(separator: "\n").filter { $0.contains("dict=") }
    #expect(list.count == ChunkPlan(runs()).chunks.count)
    #expect(list.contains { $0.contains(" 65536 ") && $0.contains("dict=64KiB") }, "\(list)")
    #expect(list.contains { $0.contains(" 8388608 ") && $0.contains("dict=4MiB") }, "\(list)")
  }

  @Test(arguments: Compression.allCases)
  func `the digest is that of the file`(_ compression: Compression) throws {
    let source = RunSource(runs(), name: "image")
    let path = folder.appending("image")
    let file = try FileDescriptor.open(path, .writeOnly, options: [.create], permissions: [.ownerReadWrite])
    defer { try? file.close() }
    let image = CompressedImage(
      source, digests: try BlockDigests(of: source), compression: compression,
      stores: .init(shared: ChunkStore(folder: nil), own: ChunkStore(folder: nil), ownRanges: []), gate: Gate(2))
    let (size, digest, _) = try image.write(to: file, path: path, progress: nil)
    #expect(digest == SHA256.of(try FileSource(path).read(at: 0, count: size)))
  }
}

private func makeFolder(_ path: FilePath) throws {
  guard unsafe mkdir(path.string, 0o700) == 0 else { throw Errno(rawValue: errno) }
}
