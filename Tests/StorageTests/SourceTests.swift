import Bytes
import Dispatch
import Storage
import Synchronization
import SystemPackage
import TestSupport
import Testing

struct SourceTests {
  @Test func `a window shows its range and nothing beyond`() throws {
    let base = MemorySource(Array(0..<100), name: "base")
    let window = try WindowSource(base, range: 10..<30)
    #expect(window.size == 20 && window.name == "base")
    #expect(try window.read(at: 0, count: 20) == Array(10..<30))
    #expect(try window.read(at: 20, count: 0) == [])
    let inner = try WindowSource(window, range: 5..<8, name: "inner")
    #expect(try inner.read(at: 1, count: 2) == [16, 17])
    for (offset, count) in [(0, 21), (20, 1), (-1, 1), (21, 0), (.max, 1), (1, .max), (0, -1)] {
      #expect(throws: IOError.self, "\(count) at \(offset)") { try window.read(at: offset, count: count) }
    }
  }

  @Test func `a window makes ready what it shows`() throws {
    let base = ReadySource()
    try WindowSource(WindowSource(base, range: 10..<30), range: 5..<15).prefetch([0..<3, 7..<20, 12..<14])
    #expect(base.ready.withLock { $0 } == [15..<18, 22..<25, 25..<25])
  }

  /// A source that remembers what was to be made ready.
  private final class ReadySource: ByteSource {
    let size = 100
    let name = "ready"
    let ready = Mutex<[Range<Int>]>([])

    func read(at offset: Int, into buffer: inout MutableSpan<UInt8>) throws(IOError) {}
    func prefetch(_ ranges: [Range<Int>]) { ready.withLock { $0 += ranges } }
  }

  @Test func `two things are done side by side, each on several threads`() {
    let inner = Atomic<Int>(0)
    let turns = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    // Each waits for the other: one after the other they would never end.
    let (other, own) = sideBySide {
      turns.0.signal()
      turns.1.wait()
      return "other"
    } and: {
      turns.1.signal()
      turns.0.wait()
      parallel(100) { _ in inner.add(1, ordering: .relaxed) }
      return "own"
    }
    #expect(other == "other" && own == "own" && inner.load(ordering: .relaxed) == 100)
  }

  @Test func `a window beyond its base is an image cut short`() throws {
    let base = MemorySource(Array(0..<100))
    for range in [90..<101, 100..<101, -1..<5, 0..<Int.max, Int.max - 1..<Int.max] {
      #expect(throws: IOError.self, "\(range)") { try WindowSource(base, range: range) }
    }
    #expect(try WindowSource(base, range: 100..<100).size == 0)
  }

  @Test func `a file is read anywhere, and its end is an error`() throws {
    let folder = try TemporaryFolder()
    let path = folder.appending("file")
    try write(Array(0..<100), to: path)
    let file = try FileSource(path)
    #expect(file.size == 100)
    #expect(try file.read(at: 98, count: 2) == [98, 99])
    #expect(throws: IOError.self) { try file.read(at: 99, count: 2) }
    #expect(throws: IOError.self) { try file.read(at: -1, count: 1) }
    let window = try WindowSource(file, range: 40..<60)
    let place = try #require(window.fileRange(at: 3))
    #expect(place.file === file && place.offset == 43)
    let error = #expect(throws: IOError.self) { try FileSource(folder.appending("missing")) }
    #expect(error?.description == "\(folder.appending("missing")): cannot open: No such file or directory")
  }

  @Test func `a file that shrinks while it is open ends in an error`() throws {
    let folder = try TemporaryFolder()
    let path = folder.appending("file")
    try write([UInt8](repeating: 1, count: 8192), to: path)
    let file = try FileSource(path)
    try write([1, 2, 3], to: path)
    let error = #expect(throws: IOError.self) { try file.read(at: 0, count: 8192) }
    #expect(error?.cause == .endOfFile(offset: 8192))
  }
}

/// Writes `bytes` into a new file, or over an old one.
func write(_ bytes: [UInt8], to path: FilePath) throws {
  let file = try FileDescriptor.open(
    path, .writeOnly, options: [.create, .truncate], permissions: [.ownerReadWrite])
  defer { try? file.close() }
  _ = try file.writeAll(bytes)
}
