import Bytes
import Glibc
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import Storage

/// Bytes that count how many of them were read.
private final class CountingSource: ByteSource {
  let name = "counted"
  let size = 8 << 20
  private let total = Atomic<Int>(0)
  var read: Int { total.load(ordering: .relaxed) }

  func read(at offset: Int, into buffer: inout MutableSpan<UInt8>) throws(IOError) {
    total.add(buffer.count, ordering: .relaxed)
    for index in 0..<buffer.count { buffer[index] = UInt8(truncatingIfNeeded: (offset + index) &* 2_654_435_761 >> 16) }
  }
}

struct DigestMemoryTests {
  private let folder: TemporaryFolder
  private let source = CountingSource()
  private let digest = SHA256.of(Array("the stock image".utf8))

  init() throws { folder = try TemporaryFolder() }

  private var path: FilePath { folder.appending("digests") }
  private func memory() throws -> DigestMemory {
    DigestMemory("digests", in: try HeldFolder(folder.path), of: [KnownSource(source, digest: digest)])
  }

  private func output(at offset: Int, _ edit: UInt8 = 0) -> RunSource {
    let runs: [Run] = [
      .source(source, offset: offset, count: 3 << 20), .bytes([edit]), .zeros((1 << 20) - 1),
      .source(source, offset: 0, count: 1 << 20),
    ]
    return RunSource(runs, name: "output")
  }

  private func learned(_ output: RunSource) throws {
    let memory = try memory()
    _ = try BlockDigests(of: output, memory: memory)
    memory.save()
  }

  @Test func `what an earlier build has hashed is not read again, and has the same digest`() throws {
    try learned(output(at: 4096))
    let expected = try BlockDigests(of: output(at: 4096, 7))
    let before = source.read
    let known = try BlockDigests(of: output(at: 4096, 7), memory: memory())
    #expect(known.blocks == expected.blocks)
    #expect(source.read == before)
  }

  @Test func `of blocks with bytes of a node nothing is remembered`() throws {
    // The second block is the node's, from its last byte on, and half of the first one of what follows.
    let own = [(2 << 20) - 1..<(2 << 20) + 1000]
    let memory = try memory()
    let first = try BlockDigests(of: output(at: 4096), memory: memory, ownRanges: own)
    memory.save()
    let before = source.read
    let again = try BlockDigests(of: output(at: 4096), memory: self.memory())
    #expect(again.blocks == first.blocks && source.read - before == 2 << 20)
  }

  @Test func `another place of the same source is another block`() throws {
    try learned(output(at: 4096))
    let moved = try BlockDigests(of: output(at: 8192), memory: memory())
    #expect(moved.blocks == (try BlockDigests(of: output(at: 8192))).blocks)
  }

  @Test func `another image is known nothing of`() throws {
    try learned(output(at: 4096))
    let other = DigestMemory(
      "digests", in: try HeldFolder(folder.path), of: [KnownSource(source, digest: SHA256.of(Array("another".utf8)))])
    let before = source.read
    _ = try BlockDigests(of: output(at: 4096), memory: other)
    #expect(source.read - before == 4 << 20)
  }

  @Test func `blocks of unknown sources are hashed each time, and not remembered`() throws {
    let strange = RunSource([.source(CountingSource(), offset: 0, count: 2 << 20)], name: "strange")
    try learned(strange)
    #expect(unsafe access(path.string, F_OK) != 0)
  }

  @Test(arguments: ["cut", "flipped", "longer", "empty"])
  func `a spoiled file is as good as none`(damage: String) throws {
    try learned(output(at: 4096))
    var bytes = try FileSource(path).read(at: 0, count: FileSource(path).size)
    switch damage {
    case "cut": bytes.removeLast(64)
    case "flipped": bytes[40] ^= 1
    case "longer": bytes += bytes[..<64]
    default: bytes = []
    }
    try write(bytes, to: path)
    let before = source.read
    let digests = try BlockDigests(of: output(at: 4096), memory: memory())
    #expect(source.read - before == 4 << 20)
    #expect(digests.blocks == (try BlockDigests(of: output(at: 4096))).blocks)
  }

  @Test func `two builds that learned the same leave the same file`() throws {
    try learned(output(at: 4096))
    let first = try FileSource(path).read(at: 0, count: FileSource(path).size)
    _ = unsafe unlink(path.string)
    try learned(output(at: 4096))
    #expect(try FileSource(path).read(at: 0, count: FileSource(path).size) == first)
  }
}
