import HostFiles
import Storage
import Synchronization
import SystemPackage
import Unpack

/// Files that an image may come in: whatever they are, a disk comes out or an error, and nothing stays behind.
enum ContainerTarget: FuzzTarget {
  /// The size of the largest disk: a bomb ends there, and takes no longer than an honest file.
  private static let limit = 1 << 20
  private static let file = InputFile("input")
  private static let folder = file.folder.appending("cache")
  private static let cache = ImageCache(folder: folder, limit: limit)

  static func read(_ input: [UInt8]) {
    // Files cost a hundred times what memory does; so few inputs take that way.
    let image = input.count % 64 == 63 ? fromFile(input) : fromMemory(input, isInPlace: input.count % 2 == 0)
    guard let image else { return }
    let size = image.source.size
    require(size <= max(limit, input.count), "a disk of \(size) bytes under the limit")
    _ = try? image.source.read(at: 0, count: min(size, 4096))
    _ = try? image.source.read(at: max(0, size - 4096), count: min(size, 4096))
  }

  private static func fromMemory(_ input: [UInt8], isInPlace: Bool) -> UnpackedImage? {
    guard let unpacking = try? Unpacking(MemorySource(input), limit: limit) else { return nil }
    if unpacking.isDisk { return try? unpacking.disk() }
    if isInPlace, let image = try? unpacking.inPlace() { return image }
    let memory = MemorySink()
    guard let decoded = try? unpacking.decode(to: memory) else { return nil }
    let source = MemorySource(memory.bytes(count: decoded.size))
    // What was in the container may be a disk in Android's sparse format.
    return try? Unpacking(source, limit: limit).disk()
  }

  private static func fromFile(_ input: [UInt8]) -> UnpackedImage? {
    // The memory that files live in here is small.
    defer { try? TreeRemoval.remove(folder) }
    guard (try? file.fill(input)) != nil else { return nil }
    return try? cache.open(file.path)
  }
}

/// A decoded image in memory.
private final class MemorySink: ImageSink {
  private let content = Mutex<[UInt8]>([])

  func write(_ bytes: Span<UInt8>, at offset: Int) throws(IOError) {
    content.withLock { content in
      content.grow(to: offset + bytes.count)
      unsafe content.withUnsafeMutableBytes { all in
        unsafe bytes.withUnsafeBytes {
          unsafe UnsafeMutableRawBufferPointer(rebasing: all[offset...]).copyMemory(from: $0)
        }
      }
    }
  }

  /// The image, of which `count` bytes are known to be.
  func bytes(count: Int) -> [UInt8] {
    content.withLock { content in
      require(content.count <= count, "\(content.count) bytes of an image of \(count)")
      content.grow(to: count)
      return content
    }
  }
}

extension [UInt8] {
  /// Appends zeros until there are at least `count` bytes.
  fileprivate mutating func grow(to count: Int) {
    append(contentsOf: repeatElement(0, count: Swift.max(0, count - self.count)))
  }
}
