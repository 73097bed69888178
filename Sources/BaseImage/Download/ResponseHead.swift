import Bytes
import CCurl

/// The header fields of one HTTP response that a download looks at. All of them are the server's word.
struct ResponseHead: Sendable {
  /// ETag, if it is a strong one (RFC 9110, 8.8.3): a weak one says nothing about single bytes.
  private(set) var entityTag: String?
  private(set) var lastModified: String?
  private var date: String?
  private(set) var location: String?
  /// Content-Range, if it is complete and makes sense.
  private(set) var contentRange: ContentRange?

  /// Content-Range of a single part (RFC 9110, 14.4): first and last byte, and the bytes of the whole.
  struct ContentRange: Sendable, Equatable {
    let first: Int
    let last: Int
    let total: Int

    init(first: Int, last: Int, total: Int) {
      self.first = first
      self.last = last
      self.total = total
    }

    /// `text` is such as "bytes 100-199/200"; an unknown total is nil too.
    init?(_ text: String) {
      let words = text.split(separator: " ")
      guard words.count == 2, words[0].lowercased() == "bytes" else { return nil }
      let numbers = words[1].split(omittingEmptySubsequences: false) { "-/".contains($0) }.map { Int($0) }
      guard numbers.count == 3, let first = numbers[0], let last = numbers[1], let total = numbers[2],
        0 <= first, first <= last, last < total
      else { return nil }
      self.init(first: first, last: last, total: total)
    }
  }

  /// Reads one line of a header. A status line begins a new head: the one before was provisional or came from a proxy.
  mutating func read(_ line: [UInt8]) {
    // No field that a download needs is longer.
    guard line.count <= 1 << 14 else { return }
    let text = String(decoding: line, as: UTF8.self)
    if text.hasPrefix("HTTP/") {
      self = ResponseHead()
      return
    }
    guard let colon = text.firstIndex(of: ":") else { return }
    let value = text[text.index(after: colon)...].trimmed
    switch text[..<colon].lowercased() {
    case "etag": entityTag = Self.isStrongTag(value) ? value : nil
    case "last-modified": lastModified = Self.isDate(value) ? value : nil
    case "date": date = value
    case "location": location = value
    case "content-range": contentRange = ContentRange(value)
    default: break
    }
  }

  /// The value for If-Range, which tells this content from a later one under the same URL; nil if the head has no strong validator.
  var validator: String? { entityTag ?? datedValidator }

  /// Last-Modified, if it is strong: the response is more than a second younger (RFC 9110, 8.8.2.2).
  private var datedValidator: String? {
    guard let lastModified, let date else { return nil }
    let (changed, answered) = unsafe (curl_getdate(lastModified, nil), curl_getdate(date, nil))
    return changed > 0 && answered > 0 && answered - changed > 1 ? lastModified : nil
  }

  /// Whether this head belongs to another content than `validator`, which came with an earlier response.
  func contradicts(_ validator: String) -> Bool {
    if validator.hasPrefix("\"") { return entityTag != validator }
    return lastModified.map { $0 != validator } ?? false
  }

  private static func isStrongTag(_ value: String) -> Bool {
    value.utf8.count >= 2 && value.utf8.count <= 512 && value.hasPrefix("\"") && value.hasSuffix("\"")
      && value.utf8.dropFirst().dropLast().allSatisfy { $0 == 0x21 || (0x23...0x7E).contains($0) }
  }

  private static func isDate(_ value: String) -> Bool {
    value.utf8.count <= 40 && value.utf8.allSatisfy { (0x20...0x7E).contains($0) }
  }
}
