import Bytes
import Storage
import SystemPackage
import TestSupport

@testable import Unpack

/// A small disk in a folder of a test's own, and a cache beside it.
struct Sample {
  let folder: TemporaryFolder
  /// What every container of it must decode to.
  let bytes: [UInt8]
  var cache: ImageCache

  /// A disk of 3 MiB and 512 bytes: noise, then a hole, then text, with zeros of all lengths between.
  init() throws {
    folder = try TemporaryFolder()
    cache = ImageCache(folder: folder.appending("cache"))
    var bytes = [UInt8](repeating: 0, count: 3 << 20 | 512)
    var state: UInt64 = 0x9E37_79B9_7F4A_7C15
    for offset in stride(from: 0, to: 700 << 10, by: 8) {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      bytes.store(le: state, at: offset)
    }
    for length in 0..<12 {
      bytes.store(Array("a line of text, \(length)\n".utf8), at: 2 << 20 + 100 + 64 << length)
    }
    bytes[bytes.count - 1] = 1
    self.bytes = bytes
    try write(bytes, to: "disk.img")
  }

  /// The folder of the cache.
  var cacheFolder: FilePath { folder.appending("cache") }

  /// Runs a line of shell in the folder, which must succeed.
  func shell(_ line: String) async throws {
    let result = try await Tool.run("sh", ["-e", "-c", "cd '\(folder.path)'\n\(line)"])
    guard result.status == 0 else { throw Failed(description: "\(line): \(result.output)") }
  }

  /// A line of shell that failed.
  struct Failed: Error, CustomStringConvertible {
    let description: String
  }

  func write(_ bytes: [UInt8], to name: String) throws {
    let file = try FileDescriptor.open(
      folder.appending(name), .readWrite, options: [.create, .truncate], permissions: [.ownerReadWrite])
    defer { try? file.close() }
    _ = try file.writeAll(bytes)
  }

  func read(_ name: String) throws -> [UInt8] {
    let source = try FileSource(folder.appending(name))
    return try source.read(at: 0, count: source.size)
  }

  /// Opens `name` by the cache.
  func open(_ name: String, expecting digest: SHA256Digest? = nil) throws(UnpackError) -> UnpackedImage {
    try cache.open(folder.appending(name), expecting: digest)
  }

  /// The names of the files in the cache's folder of images.
  func cachedNames() async throws -> [String] {
    let result = try await Tool.run("sh", ["-c", "! test -d '\(cacheFolder)/images' || ls '\(cacheFolder)/images'"])
    return result.output.split(separator: "\n").map(String.init)
  }
}

extension UnpackedImage {
  /// All of the disk.
  var bytes: [UInt8] {
    get throws { try source.read(at: 0, count: source.size) }
  }
}
