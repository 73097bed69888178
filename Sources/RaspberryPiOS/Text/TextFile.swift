import Bytes

/// A text file as lines. Lines that no edit touches stay byte for byte, whatever their encoding.
///
/// Lines are ranges of one buffer, so that a hostile file of a million of them costs no million arrays.
struct TextFile: Sendable {
  /// The bytes of all lines, replaced ones among them. An edit adds its line at the end.
  private var buffer: [UInt8]
  private var ranges: [Range<Int>] = []
  private var endsInNewline: Bool

  /// The most bytes that a text file is read to. The largest one of a Debian, /usr/share/i18n/SUPPORTED, has 12 KiB.
  static let sizeLimit = 1 << 20

  /// The lines of `bytes`; the last one may lack its newline.
  init(_ bytes: [UInt8] = []) {
    buffer = bytes
    endsInNewline = bytes.last.map { $0 == 0x0A } ?? true
    var start = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
      ranges.append(start..<end)
      start = end + 1
    }
  }

  /// The lines of `text`.
  init(text: String) { self.init(Array(text.utf8)) }

  /// The bytes of each line, without newlines.
  var lines: LazyMapCollection<[Range<Int>], ArraySlice<UInt8>> { ranges.lazy.map { buffer[$0] } }

  /// The file again.
  var bytes: [UInt8] {
    var bytes = Array(lines.joined(separator: [0x0A]))
    if endsInNewline, !ranges.isEmpty { bytes.append(0x0A) }
    return bytes
  }

  /// Line `index` as text; what is not UTF-8 reads as U+FFFD. Setting it replaces the whole line.
  subscript(index: Int) -> String {
    get { String(decoding: buffer[ranges[index]], as: UTF8.self) }
    set { ranges[index] = store(newValue) }
  }

  var indices: Range<Int> { ranges.indices }

  /// Adds a line at the end, after a newline where the last line lacks it.
  mutating func append(_ line: String) {
    ranges.append(store(line))
    endsInNewline = true
  }

  /// Puts a line before all others.
  mutating func prepend(_ line: String) {
    if ranges.isEmpty { endsInNewline = true }
    ranges.insert(store(line), at: 0)
  }

  /// Puts a line before line `index`.
  mutating func insert(_ line: String, before index: Int) { ranges.insert(store(line), at: index) }

  /// Removes the lines with these numbers, from 0.
  mutating func removeLines(_ numbers: Set<Int>) {
    ranges = ranges.indices.filter { !numbers.contains($0) }.map { ranges[$0] }
  }

  /// Removes the lines that `predicate` holds for.
  mutating func removeAll(where predicate: (String) -> Bool) {
    let buffer = self.buffer
    ranges.removeAll { predicate(String(decoding: buffer[$0], as: UTF8.self)) }
  }

  /// The first line that `predicate` holds for.
  func firstIndex(where predicate: (String) -> Bool) -> Int? {
    indices.first { predicate(self[$0]) }
  }

  /// Sets the first line that `predicate` holds for to `line`, or adds `line` at the end.
  mutating func set(_ line: String, where predicate: (String) -> Bool) {
    if let index = firstIndex(where: predicate) { self[index] = line } else { append(line) }
  }

  private mutating func store(_ line: String) -> Range<Int> {
    let start = buffer.count
    buffer += line.utf8
    return start..<buffer.count
  }

  /// The value of a shell-like assignment `key=value`, quotes removed; nil if no line assigns it.
  func value(of key: String) -> String? {
    let prefix = Array("\(key)=".utf8)
    guard let index = indices.first(where: { buffer[ranges[$0]].starts(with: prefix) }) else { return nil }
    let value = self[index].dropFirst(key.utf8.count + 1).trimmed
    for quote in ["\"", "'"] where value.count >= 2 && value.hasPrefix(quote) && value.hasSuffix(quote) {
      return String(value.dropFirst().dropLast())
    }
    return value
  }
}

extension StringProtocol {
  /// The parts between blanks, as the C programs that read these files see them: ASCII's only.
  var words: [String] {
    String(self).utf8.split { $0 == 0x20 || (0x09...0x0D).contains($0) }.map { String(Substring($0)) }
  }
}
