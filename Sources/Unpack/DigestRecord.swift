import Bytes
import Storage
import SystemPackage

/// A digest that holds for a file for as long as its stamp stays the same: a few lines of text.
///
/// What is not such a text, or tells of another stamp, is as good as no record: the file is read again.
struct DigestRecord {
  let stamp: String
  let digest: SHA256Digest
  /// What the file came in, for an image in the cache; empty otherwise. One line.
  var container = ""

  private var text: String {
    "pibake digest 2\nstamp \(stamp)\nsha256 \(digest)\n" + (container.isEmpty ? "" : "container \(container)\n")
  }

  /// The record at `path`, if it tells of a file with `stamp`.
  init?(at path: FilePath, of stamp: String) throws(IOError) {
    guard let file = try openingIfPresent(path) else { return nil }
    defer { try? file.close() }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count: Int
    do {
      count = try unsafe bytes.withUnsafeMutableBytes { try unsafe file.read(fromAbsoluteOffset: 0, into: $0) }
    } catch {
      throw IOError(path, "read", error as? Errno ?? .ioError)
    }
    let text = String(decoding: bytes[..<count], as: UTF8.self)
    let lines = text.split(separator: "\n")
    guard lines.count >= 3, let digest = SHA256Digest(hex: lines[2].dropFirst("sha256 ".count)) else { return nil }
    self.init(stamp: stamp, digest: digest)
    if lines.count > 3 { container = String(lines[3].dropFirst("container ".count)) }
    guard self.text == text else { return nil }
  }

  init(stamp: String, digest: SHA256Digest, container: String = "") {
    self.stamp = stamp
    self.digest = digest
    self.container = container
  }

  /// Writes the record to `path`, whose folder must be locked: the temporary name is the same for all.
  func write(to path: FilePath) throws(IOError) {
    let temporary = path.removingLastComponent().appending("record.new")
    let file = try opening(
      temporary, .writeOnly, [.create, .truncate, .closeOnExec], [.ownerReadWrite, .groupRead, .otherRead])
    do {
      defer { try? file.close() }
      _ = try file.writeAll(text.utf8)
    } catch {
      throw IOError(temporary, "write", error as? Errno ?? .ioError)
    }
    try renaming(temporary, to: path)
  }
}

extension FileStamp {
  /// What tells whether a user's file is the one that was read.
  var ofInput: String { "\(size) \(modified) \(changed) \(device) \(inode)" }

  /// What tells whether an image in the cache is the one that was decoded: it may have been moved or restored since.
  var ofImage: String { "\(size) \(modified)" }
}
