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
  /// The SHA-256 of `bytes`.
  let content: SHA256Digest
  var cache: ImageCache

  /// A disk of `size` bytes: noise, then a hole, then text, with zeros of all lengths between.
  init(size: Int = 3 << 20 | 512) throws {
    folder = try TemporaryFolder()
    cache = ImageCache(folder: folder.appending("cache"))
    var bytes = [UInt8](repeating: 0, count: size)
    var state: UInt64 = 0x9E37_79B9_7F4A_7C15
    for offset in stride(from: 0, to: size / 5, by: 8) {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      bytes.store(le: state, at: offset)
    }
    for length in 0..<12 where size * 2 / 3 + 64 << length < size - 100 {
      bytes.store(Array("a line of text, \(length)\n".utf8), at: size * 2 / 3 + 64 << length)
    }
    bytes[bytes.count - 1] = 1
    // An MBR with one partition: in archives, a disk is what looks like one.
    for place in 0x1B8..<0x1FE { bytes[place] = 0 }
    bytes[0x1C2] = 0x83
    bytes.store(le: UInt32(1), at: 0x1C6)
    bytes.store(le: UInt32(size / 512 - 1), at: 0x1CA)
    bytes[0x1FE] = 0x55
    bytes[0x1FF] = 0xAA
    self.bytes = bytes
    content = SHA256.of(bytes)
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
  /// The SHA-256 of all of the disk, read anew: arrays of this size compare slowly in a debug build.
  var content: SHA256Digest {
    get throws { SHA256.of(try source.read(at: 0, count: source.size)) }
  }
}
