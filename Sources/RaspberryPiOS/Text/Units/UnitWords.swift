/// The words of a value of a unit file (systemd.syntax(7)).
struct UnitWords {
  let words: [String]

  /// Which characters are more than themselves.
  enum Syntax: Sendable {
    /// `'` and `"` keep blanks in a word and go; backslashes stay.
    case quoted
    /// Quotes stay; a backslash goes and the character after it stays, whatever it is. `Also=` alone is read so.
    case escaped
  }

  /// nil if a quote is not closed, or a backslash ends the value.
  init?(_ value: String, _ syntax: Syntax) {
    var words: [String] = []
    // nil between words; a pair of quotes is a word too, if an empty one.
    var word: [UInt8]?
    var quote: UInt8?
    var isEscaped = false
    for byte in value.utf8 {
      if isEscaped {
        word?.append(byte)
        isEscaped = false
      } else if let open = quote {
        if byte == open { quote = nil } else { word?.append(byte) }
      } else if syntax == .quoted, byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
        word = word ?? []
        quote = byte
      } else if syntax == .escaped, byte == UInt8(ascii: "\\") {
        word = word ?? []
        isEscaped = true
      } else if isBlank(byte) {
        if let word { words.append(String(decoding: word, as: UTF8.self)) }
        word = nil
      } else {
        if word == nil { word = [] }
        word?.append(byte)
      }
    }
    guard quote == nil, !isEscaped else { return nil }
    if let word { words.append(String(decoding: word, as: UTF8.self)) }
    self.words = words
  }
}
