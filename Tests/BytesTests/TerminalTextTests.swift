import Testing

@testable import Bytes

/// Words of other people on their way to a terminal.
struct TerminalTextTests {
  @Test(arguments: [
    ("plain, größe, 東京 \t tab", "plain, größe, 東京 \t tab"),
    ("\u{1B}[31mred\u{7}", "%1B[31mred%07"), ("a\nb\rc\u{7F}", "a%0Ab%0Dc%7F"), ("\u{9B}2J", "%C2%9B2J"),
    ("\u{202E}txt.exe\u{2066}", "%E2%80%AEtxt.exe%E2%81%A6"), ("\u{200B}\u{FEFF}", "%E2%80%8B%EF%BB%BF"),
    ("\u{2028}", "%E2%80%A8"), ("\u{10FFF1}", "%F4%8F%BF%B1"), ("\u{E0041}", "%F3%A0%81%81"),
  ])
  func `a line of a terminal obeys nothing`(_ text: String, _ line: String) { #expect(text.terminalLine == line) }

  @Test(arguments: [
    ("{\n  \"a\" : \"\u{9B}\u{202E}\u{7F}\"\n}", "{\n  \"a\" : \"\\u009b\\u202e\\u007f\"\n}"),
    ("\u{E0041}é", "\\udb40\\udc41é"),
  ])
  func `JSON has its own escapes for what is hidden`(_ text: String, _ json: String) {
    #expect(text.withJSONEscapes == json)
  }
}
