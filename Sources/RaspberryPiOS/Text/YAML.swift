import Bytes

/// A YAML value, written in the subset on which YAML 1.1 and 1.2 agree.
indirect enum YAML: Sendable {
  case string(String)
  case number(Int)
  case boolean(Bool)
  case list([YAML])
  /// Entries in the order in which they are written.
  case map([(key: String, value: YAML)])

  /// The document: a map in lines, with what it holds indented; lists stand on one line.
  var document: String { lines(indent: "").joined(separator: "\n") + "\n" }

  private func lines(indent: String) -> [String] {
    guard case .map(let entries) = self else { return [indent + flow] }
    return entries.flatMap { key, value -> [String] in
      guard case .map(let inner) = value, !inner.isEmpty else { return ["\(indent)\(YAML.scalar(key)): \(value.flow)"] }
      return ["\(indent)\(YAML.scalar(key)):"] + value.lines(indent: indent + "  ")
    }
  }

  /// The value on one line.
  private var flow: String {
    switch self {
    case .string(let text): YAML.quote(text)
    case .number(let number): "\(number)"
    case .boolean(let truth): truth ? "true" : "false"
    case .list(let elements): "[\(elements.map(\.flow).joined(separator: ", "))]"
    case .map(let entries): "{\(entries.map { "\(YAML.scalar($0.key)): \($0.value.flow)" }.joined(separator: ", "))}"
    }
  }

  /// A key: plain if every reader takes it for a string, else quoted.
  private static func scalar(_ text: String) -> String {
    let isWord = text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
    let words = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"]
    let isPlain = isWord && text.utf8.first.map { (0x61...0x7A).contains($0) } == true && !words.contains(text)
    return isPlain ? text : quote(text)
  }

  /// A double-quoted scalar on one line (YAML 1.1, 5.7); what is not printable is escaped.
  private static func quote(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar.properties.generalCategory {
      case _ where scalar == "\"" || scalar == "\\": quoted += "\\\(scalar)"
      case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
        quoted += "\\U\(scalar.value.hexDigits)"
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
