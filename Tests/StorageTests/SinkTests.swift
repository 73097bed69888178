import Bytes
import CLinux
import Storage
import SystemPackage
import TestSupport
import Testing

struct SinkTests {
  /// Runs of every kind and of sizes around every limit, and the bytes that they stand for.
  private func sample(_ source: any ByteSource) throws -> (runs: [Run], bytes: [UInt8]) {
    let all = try source.read(at: 0, count: source.size)
    var runs: [Run] = [.zeros(5), .bytes([1, 2, 3]), .zeros(4095), .bytes([4]), .zeros(4096), .bytes([5])]
    for count in [1, 4096, 64 << 10 - 1, 64 << 10, 1 << 20, 1 << 20 + 1] {
      runs.append(.source(source, offset: 17, count: count))
      runs.append(.zeros(count))
    }
    runs.append(.bytes(Array(all[..<(1 << 20 + 3)])))
    runs.append(.source(source, offset: all.count, count: 0))
    runs.append(.zeros(1 << 20))
    var bytes: [UInt8] = []
    for run in runs {
      switch run {
      case .zeros(let count): bytes += [UInt8](repeating: 0, count: count)
      case .bytes(let some): bytes += some
      case .source(_, let offset, let count): bytes += all[offset..<offset + count]
      }
    }
    return (runs, bytes)
  }

  private let noise = (0..<(1 << 20 + 100)).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7 | 1) }

  private func create(_ path: FilePath) throws -> FileDescriptor {
    try FileDescriptor.open(path, .readWrite, options: [.create, .exclusiveCreate], permissions: [.ownerReadWrite])
  }

  /// What the sink makes of `runs` in a new file at `path`.
  private func written(_ runs: [Run], to path: FilePath) throws -> [UInt8] {
    let file = try create(path)
    defer { try? file.close() }
    var sink = SparseFileSink(file, path: path)
    try sink.write(runs)
    let size = try sink.finish()
    let result = try FileSource(path)
    #expect(result.size == size)
    return try result.read(at: 0, count: size)
  }

  @Test func `runs from memory reach a file whole`() throws {
    let folder = try TemporaryFolder()
    let (runs, bytes) = try sample(MemorySource(noise))
    #expect(try SHA256.of(written(runs, to: folder.appending("out"))) == SHA256.of(bytes))
  }

  @Test(arguments: ["/tmp", "/dev/shm"].flatMap { from in ["/tmp", "/dev/shm"].map { (from, $0) } })
  func `runs from a file reach a file of this or another file system`(from: String, to: String) throws {
    let (source, target) = (try TemporaryFolder(under: FilePath(from)), try TemporaryFolder(under: FilePath(to)))
    try write(noise, to: source.appending("source"))
    let file = try FileSource(source.appending("source"))
    let (runs, bytes) = try sample(try WindowSource(file, range: 3..<file.size))
    #expect(try SHA256.of(written(runs, to: target.appending("out"))) == SHA256.of(bytes))
  }

  // Long ranges of whole blocks go past the page cache where a file system can do that, and not in memory; what is
  // around them, and in the same blocks, goes through it.
  @Test(arguments: ["/tmp", "/dev/shm"].flatMap { from in ["/tmp", "/dev/shm"].map { (from, $0) } })
  func `long ranges of whole blocks, and what is between them, reach a file`(from: String, to: String) throws {
    let (folder, target) = (try TemporaryFolder(under: FilePath(from)), try TemporaryFolder(under: FilePath(to)))
    var random = SplitMix64(3)
    let content = (0..<(20 << 20 + 100)).map { _ in UInt8.random(in: 1...255, using: &random) }
    try write(content, to: folder.appending("source"))
    let file = try FileSource(folder.appending("source"))
    var runs: [Run] = []
    var bytes: [UInt8] = []
    func add(_ start: Int, _ count: Int) {
      runs.append(.source(file, offset: start, count: count))
      bytes += content[start..<start + count]
    }
    add(8192, 17 << 20 + 5)
    let odd = 4096 - bytes.count % 4096
    for (start, count) in [(0, odd), (4096, 100), (4096, 3 << 20), (1, 4096 - 100), (12288, 1 << 20)] {
      add(start, count)
    }
    runs.append(.bytes([1, 2, 3]))
    bytes += [1, 2, 3]
    runs.append(.zeros(5 << 20 - 3))
    bytes += [UInt8](repeating: 0, count: 5 << 20 - 3)
    add(0, content.count)
    #expect(try SHA256.of(written(runs, to: target.appending("out"))) == SHA256.of(bytes))
  }

  @Test func `a source that was cut short is an error, not a signal`() throws {
    let folder = try TemporaryFolder()
    try write([UInt8](repeating: 7, count: 4 << 20), to: folder.appending("source"))
    let file = try FileSource(folder.appending("source"))
    let other = try FileDescriptor.open(folder.appending("source"), .writeOnly)
    try other.closeAfter { try other.resize(to: 1 << 20) }
    #expect(throws: IOError.self) {
      try written([.source(file, offset: 0, count: 4 << 20)], to: folder.appending("out"))
    }
  }

  @Test func `a source that ends too early is an error, not zeros`() throws {
    let folder = try TemporaryFolder()
    try write(noise, to: folder.appending("source"))
    let file = try FileSource(folder.appending("source"))
    for count in [200, 100 << 10] {
      #expect(throws: IOError.self) {
        try written([.source(file, offset: file.size - 100, count: count)], to: folder.appending("out\(count)"))
      }
    }
  }

  @Test func `zeros become holes`() throws {
    let folder = try TemporaryFolder()
    let path = folder.appending("out")
    let file = try create(path)
    defer { try? file.close() }
    var sink = SparseFileSink(file, path: path)
    try sink.write([.zeros(1 << 20), .bytes([1]), .zeros(1 << 30), .bytes([2]), .zeros(1 << 20)])
    #expect(try sink.finish() == 1 << 30 + 2 << 20 + 2)
    let status = try file.stat()
    #expect(status.size == 1 << 30 + 2 << 20 + 2)
    #expect(status.sizeAllocated <= 64 << 10)
    let data = place(file, 0, PB_SEEK_DATA)
    #expect(data == 1 << 20)
    #expect(place(file, data, PB_SEEK_HOLE) <= 1 << 20 + 64 << 10)
  }

  /// The place of the next data or hole. The corresponding C function is `lseek`.
  private func place(_ file: FileDescriptor, _ offset: Int64, _ whence: CInt) -> Int64 {
    (try? file.seek(offset: offset, from: .init(rawValue: whence))) ?? -1
  }

  @Test(.enabled(if: Tool.arePresent("sha256sum"), "sha256sum is missing"))
  func `the digest of runs is that of the file which they make`() async throws {
    let folder = try TemporaryFolder()
    let (runs, _) = try sample(MemorySource(noise))
    _ = try written(runs, to: folder.appending("out"))
    var sink = DigestSink()
    let progress = Progress()
    try sink.write(runs, progress: progress)
    #expect(progress.bytes == runs.reduce(0) { $0 + $1.count })
    let theirs = try await Tool.run("sha256sum", ["\(folder.appending("out"))"])
    #expect(theirs.output.hasPrefix("\(sink.finish())  "))
  }

  @Test func `a full device is an error of output, with its name`() throws {
    let file = try FileDescriptor.open(FilePath("/dev/full"), .writeOnly)
    defer { try? file.close() }
    var sink = SparseFileSink(file, path: "/dev/full")
    let error = #expect(throws: IOError.self) {
      try sink.write(.bytes(noise))
    }
    #expect(error?.description == "/dev/full: cannot write: No space left on device")
  }
}
