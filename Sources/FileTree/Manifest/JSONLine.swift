import Bytes

/// A line of a manifest being read: one flat JSON object as `JSONText` writes it, blanks allowed.
struct JSONLine: ~Copyable {
  private let bytes: [UInt8]
  private var position = 0

  /// A value of a manifest's line.
  enum Value {
    /// The text, its percent signs as they stand.
    case text([UInt8])
    case number(Int)
    /// Names with texts.
    case object([(name: [UInt8], value: [UInt8])])
  }

  /// The line without its newline.
  init(_ line: some Collection<UInt8>) { bytes = Array(line) }

  /// The object's keys with their values; nil if the line is not such an object.
  mutating func keys() -> [(name: String, value: Value)]? {
    var keys: [(name: String, value: Value)] = []
    guard take("{") else { return nil }
    while !take("}") {
      guard keys.isEmpty || take(","), let name = text(), take(":"), let value = value() else { return nil }
      keys.append((String(decoding: name, as: UTF8.self), value))
    }
    skipBlanks()
    return position == bytes.count ? keys : nil
  }

  private mutating func value() -> Value? {
    skipBlanks()
    switch position < bytes.count ? bytes[position] : 0 {
    case UInt8(ascii: "\""): return text().map { .text($0) }
    case UInt8(ascii: "{"):
      var pairs: [(name: [UInt8], value: [UInt8])] = []
      guard take("{") else { return nil }
      while !take("}") {
        guard pairs.isEmpty || take(","), let name = text(), take(":"), let value = text() else { return nil }
        pairs.append((name, value))
      }
      return .object(pairs)
    default:
      let digits = bytes[position...].prefix { $0 == UInt8(ascii: "-") || (0x30...0x39).contains($0) }
      position += digits.count
      return Int(String(decoding: digits, as: UTF8.self)).map { .number($0) }
    }
  }

  /// A string; manifests need none of JSON's escapes, and none is understood.
  private mutating func text() -> [UInt8]? {
    guard take("\"") else { return nil }
    let text = bytes[position...].prefix { $0 != UInt8(ascii: "\"") }
    guard !text.contains(UInt8(ascii: "\\")) else { return nil }
    position += text.count
    guard take("\"") else { return nil }
    return Array(text)
  }

  private mutating func take(_ mark: Unicode.Scalar) -> Bool {
    // Before a closing quotation mark there is nothing to skip: a text ends at it.
    skipBlanks()
    guard position < bytes.count, bytes[position] == UInt8(ascii: mark) else { return false }
    position += 1
    return true
  }

  private mutating func skipBlanks() {
    while position < bytes.count, [0x20, 0x09, 0x0D].contains(bytes[position]) { position += 1 }
  }
}
