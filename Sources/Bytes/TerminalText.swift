/// Words of an image, a recipe or a file name on their way to people: a terminal obeys some characters, and a reader is deceived
/// by others.
extension Unicode.Scalar {
  /// Whether the scalar is no sign that stands for itself on one line.
  ///
  /// Those are the controls of C0 and C1 and DEL, which terminals obey; formats such as the controls of direction (bidi) and
  /// characters of no width; separators of lines; and what no font has a meaning for, among it what `RawArguments` makes of bytes
  /// that are not UTF-8.
  package var isHidden: Bool {
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned: true
    default: false
    }
  }
}

extension String {
  /// The text as one line of a terminal or a log: hidden scalars but for the tabulator are written %XX, byte by byte.
  package var terminalLine: String {
    // Nearly always.
    guard utf8.contains(where: { !(0x20...0x7E).contains($0) }) else { return self }
    var line = UnicodeScalarView()
    for scalar in unicodeScalars {
      guard scalar.isHidden, scalar != "\t" else {
        line.append(scalar)
        continue
      }
      for byte in String(scalar).utf8 { line.append(contentsOf: "%\([byte].hex.uppercased())".unicodeScalars) }
    }
    return String(line)
  }

  /// The JSON text with hidden scalars as JSON's own escapes; line feeds, which stand only between values, stay.
  package var withJSONEscapes: String {
    guard utf8.contains(where: { $0 >= 0x7F }) else { return self }
    var text = UnicodeScalarView()
    for scalar in unicodeScalars {
      guard scalar.isHidden, scalar != "\n" else {
        text.append(scalar)
        continue
      }
      for unit in String(scalar).utf16 {
        let digits = String(unit, radix: 16)
        let zeros = String(repeating: "0", count: 4 - digits.count)
        text.append(contentsOf: "\\u\(zeros)\(digits)".unicodeScalars)
      }
    }
    return String(text)
  }
}
