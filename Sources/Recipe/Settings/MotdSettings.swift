/// `[motd]`: what the node shows after a login.
package struct MotdSettings: Sendable {
  /// The message; nil: that of the image. An empty one shows nothing.
  package var text: String?

  /// Settings that say only what is given.
  package init(text: String? = nil) { self.text = text }
}

extension MotdSettings {
  static let textKey = Key(
    "text", .text, "What is shown after a login; an empty text shows nothing.", example: "\"Welcome to Nog.\"",
    fallback: "as the image has it")
  static let keys = TableKeys("motd", "What the node shows after a login.", [textKey])

  init(reading table: TableReader) { self.init(text: table[Self.textKey]) }
}
