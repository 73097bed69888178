/// The kernel's parameters, as cmdline.txt holds them: words in one line. Double quotes keep blanks inside a word, as
/// the kernel's own parser has it (next_arg, lib/cmdline.c).
package struct KernelCommandLine: Sendable, Equatable, CustomStringConvertible {
  /// The words in their order.
  package private(set) var words: [String]

  /// The words of the first line of `text`: the firmware reads no other.
  package init(_ text: some StringProtocol) {
    words = []
    var word = ""
    var quoted = false
    for character in text.prefix(while: { !$0.isNewline }) {
      if character == "\"" { quoted.toggle() }
      if character.isWhitespace && !quoted {
        if !word.isEmpty { words.append(word) }
        word = ""
      } else {
        word.append(character)
      }
    }
    if !word.isEmpty { words.append(word) }
  }

  /// The line, without a newline.
  package var description: String { words.joined(separator: " ") }

  /// The value of the last word `key=value`, which is the one that most parameters take; nil if there is none.
  package func value(of key: String) -> String? {
    words.last { KernelCommandLine.key(of: $0) == key && $0.contains("=") }
      .map { String($0.dropFirst(key.count + 1)) }
  }

  /// Puts `replacement` where the first word with one of `keys` is, or at the end; all others with them go.
  package mutating func replace(_ keys: [String], with replacement: [String]) {
    let place = words.firstIndex { keys.contains(KernelCommandLine.key(of: $0)) } ?? words.endIndex
    var rest = words[place...]
    rest.removeAll { keys.contains(KernelCommandLine.key(of: $0)) }
    words[place...] = replacement + rest
  }

  /// Removes every word that is `text`, or whose key before `=` it is.
  package mutating func remove(_ text: String) {
    words.removeAll { $0 == text || KernelCommandLine.key(of: $0) == text }
  }

  /// Removes every word that `predicate` holds for.
  mutating func removeAll(where predicate: (String) -> Bool) { words.removeAll(where: predicate) }

  /// Adds `word` at the end, unless it is there.
  package mutating func add(_ word: String) {
    if !words.contains(word) { words.append(word) }
  }

  /// Puts `word` before all others.
  mutating func prepend(_ word: String) { words.insert(word, at: 0) }

  /// What stands before `=`, or the whole word.
  static func key(of word: String) -> String {
    String(word.prefix { $0 != "=" })
  }
}
