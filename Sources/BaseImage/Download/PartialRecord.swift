import Bytes
import Storage

/// The identity of a file that has arrived in part: its URL, its whole length and its validator. The record is an entry of the cache
/// beside the part, written before the first byte arrives.
///
/// A part without a record cannot be continued, because nothing tells which content it is the beginning of.
struct PartialRecord: Equatable {
  /// The bare URL.
  let source: String
  /// The bytes of the whole file.
  let length: Int
  /// A strong ETag with its quotes, or the text of Last-Modified: what If-Range takes.
  let validator: String

  private static let limit = 8192

  private var text: String {
    "pibake partial download 1\nsource \(source)\nlength \(length)\nvalidator \(validator)\n"
  }

  init(source: String, length: Int, validator: String) {
    self.source = source
    self.length = length
    self.validator = validator
  }

  /// What `entry` records; nil if it records nothing.
  init?(_ entry: CacheEntry) {
    guard let bytes = entry.read(limit: Self.limit)?.bytes else { return nil }
    let text = String(decoding: bytes, as: UTF8.self)
    let lines = text.split(separator: "\n")
    guard lines.count == 4, let length = Int(lines[2].dropFirst("length ".count)), length > 0 else { return nil }
    self.init(
      source: String(lines[1].dropFirst("source ".count)), length: length,
      validator: String(lines[3].dropFirst("validator ".count)))
    guard self.text == text else { return nil }
  }

  /// Puts the record in `entry`. Where that is not possible, the next run begins anew.
  func keep(in entry: CacheEntry) { entry.keep(Array(text.utf8)) }
}
