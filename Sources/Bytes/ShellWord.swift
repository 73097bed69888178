extension String {
  /// The text as one word of a POSIX shell, in single quotes.
  package var shellWord: String { "'\(replacing("'", with: "'\\''"))'" }
}
