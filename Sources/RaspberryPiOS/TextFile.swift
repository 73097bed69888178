/// A text file as lines. Lines that no edit touches stay byte for byte, whatever their encoding.
struct TextFile: Sendable {
  private(set) var lines: [[UInt8]]
  private var endsInNewline: Bool

  /// The lines of `bytes`; the last one may lack its newline.
  init(_ bytes: [UInt8] = []) {
    lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map(Array.init)
    endsInNewline = lines.last?.isEmpty ?? true
    if endsInNewline, !lines.isEmpty { lines.removeLast() }
  }

  /// The lines of `text`.
  init(text: String) { self.init(Array(text.utf8)) }

  /// The file again.
  var bytes: [UInt8] {
    var bytes = Array(lines.joined(separator: [0x0A]))
    if endsInNewline, !lines.isEmpty { bytes.append(0x0A) }
    return bytes
  }

  /// Line `index` as text; what is not UTF-8 reads as U+FFFD. Setting it replaces the whole line.
  subscript(index: Int) -> String {
    get { String(decoding: lines[index], as: UTF8.self) }
    set { lines[index] = Array(newValue.utf8) }
  }

  var indices: Range<Int> { lines.indices }

  /// Adds a line at the end, behind a newline where the last line lacks it.
  mutating func append(_ line: String) {
    lines.append(Array(line.utf8))
    endsInNewline = true
  }

  /// Puts a line before all others.
  mutating func prepend(_ line: String) {
    if lines.isEmpty { endsInNewline = true }
    lines.insert(Array(line.utf8), at: 0)
  }

  /// Puts a line before line `index`.
  mutating func insert(_ line: String, before index: Int) { lines.insert(Array(line.utf8), at: index) }

  /// Removes the lines with these numbers, from 0.
  mutating func removeLines(_ numbers: Set<Int>) {
    lines = lines.indices.filter { !numbers.contains($0) }.map { lines[$0] }
  }

  /// Removes the lines that `predicate` holds for.
  mutating func removeAll(where predicate: (String) -> Bool) {
    lines.removeAll { predicate(String(decoding: $0, as: UTF8.self)) }
  }

  /// The first line that `predicate` holds for.
  func firstIndex(where predicate: (String) -> Bool) -> Int? {
    indices.first { predicate(self[$0]) }
  }

  /// Sets the first line that `predicate` holds for to `line`, or adds `line` at the end.
  mutating func set(_ line: String, where predicate: (String) -> Bool) {
    if let index = firstIndex(where: predicate) { self[index] = line } else { append(line) }
  }

  /// The value of a shell-like assignment `key=value`, quotes removed; nil if no line assigns it.
  func value(of key: String) -> String? {
    guard let index = firstIndex(where: { $0.hasPrefix("\(key)=") }) else { return nil }
    let value = self[index].dropFirst(key.utf8.count + 1).trimmed
    for quote in ["\"", "'"] where value.count >= 2 && value.hasPrefix(quote) && value.hasSuffix(quote) {
      return String(value.dropFirst().dropLast())
    }
    return value
  }
}

extension StringProtocol {
  /// The text without white space at its ends.
  var trimmed: String {
    guard let first = firstIndex(where: { !$0.isWhitespace }), let last = lastIndex(where: { !$0.isWhitespace }) else {
      return ""
    }
    return String(self[first...last])
  }

  /// The parts between white space.
  var words: [String] { String(self).split { $0.isWhitespace }.map(String.init) }
}
