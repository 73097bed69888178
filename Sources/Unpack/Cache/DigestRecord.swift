import Bytes
import Storage

/// A digest that holds for a file for as long as its stamp stays the same: a few lines of text in an entry of the cache.
struct DigestRecord {
  let stamp: String
  let digest: SHA256Digest
  /// What the file came in, for an image in the cache; empty otherwise. One line.
  var container = ""

  private static let limit = 4096

  private var text: String {
    "pibake digest 3\nstamp \(stamp)\nsha256 \(digest)\n" + (container.isEmpty ? "" : "container \(container)\n")
  }

  init(stamp: String, digest: SHA256Digest, container: String = "") {
    self.stamp = stamp
    self.digest = digest
    self.container = container
  }

  /// What `entry` records; nil if it records nothing.
  init?(_ entry: CacheEntry) {
    guard let bytes = entry.read(limit: Self.limit)?.bytes else { return nil }
    let text = String(decoding: bytes, as: UTF8.self)
    let lines = text.split(separator: "\n")
    guard lines.count >= 3, let digest = SHA256Digest(hex: lines[2].dropFirst("sha256 ".count)) else { return nil }
    self.init(stamp: String(lines[1].dropFirst("stamp ".count)), digest: digest)
    if lines.count > 3 { container = String(lines[3].dropFirst("container ".count)) }
    guard self.text == text else { return nil }
  }

  /// Puts the record in `entry`. Where that is not possible, the next run reads the file again.
  func keep(in entry: CacheEntry) { entry.keep(Array(text.utf8)) }
}
