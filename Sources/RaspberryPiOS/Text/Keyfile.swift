/// A key file of GLib as NetworkManager reads it: sections of `key=value` lines (nm-settings-keyfile(5)).
struct Keyfile: Sendable {
  /// The file.
  private(set) var text = ""

  /// Begins the section called `name`.
  mutating func begin(_ name: String) { text += text.isEmpty ? "[\(name)]\n" : "\n[\(name)]\n" }

  /// Adds `key` with the string `value`, escaped.
  mutating func set(_ key: String, _ value: String) { text += "\(key)=\(Keyfile.escape(value))\n" }

  /// Adds `key` with a list; its elements hold no semicolon. An empty list adds nothing.
  mutating func set(_ key: String, list: [some CustomStringConvertible]) {
    if !list.isEmpty { text += "\(key)=\(list.map { "\($0);" }.joined())\n" }
  }

  /// GLib skips blanks after the equals sign, and a backslash begins an escape. Blanks at the end are escaped too, so
  /// that no editor cuts them.
  private static func escape(_ value: String) -> String {
    let scalars = Array(value.unicodeScalars)
    let isBlank = { (scalar: Unicode.Scalar) in scalar == " " }
    let head = scalars.prefix(while: isBlank).count
    let tail = scalars.count - scalars.reversed().prefix(while: isBlank).count
    var escaped = ""
    for (index, scalar) in scalars.enumerated() {
      switch scalar {
      case "\\": escaped += "\\\\"
      case "\n": escaped += "\\n"
      case "\r": escaped += "\\r"
      case "\t": escaped += "\\t"
      case " " where index < head || index >= tail: escaped += "\\s"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
