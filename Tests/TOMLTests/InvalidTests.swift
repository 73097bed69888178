import Bytes
import Testing

@testable import TOML

/// A document that is not TOML 1.0, and what is said of it.
struct Invalid: Sendable, CustomTestStringConvertible {
  let text: String
  let message: String

  init(_ text: String, _ message: String) {
    self.text = text
    self.message = message
  }

  var testDescription: String { text.printable }
}

private let syntax: [Invalid] = [
  // Characters
  Invalid("a = \"\u{0}\"", "1:6: the control character U+0000 is not allowed"),
  Invalid("# \u{7F}", "1:3: the control character U+007F is not allowed"),
  Invalid("a = 1\rb = 2", "1:6: expected the end of the line"),
  Invalid("a = 'x\ry'", "1:7: the control character U+000D is not allowed"),
  Invalid("a = \"\"\"\n\u{1}\"\"\"", "2:1: the control character U+0001 is not allowed"),
  Invalid("a = 1 \u{0}", "1:7: expected the end of the line"),
  // Keys
  Invalid("a", "1:2: expected '=' after the key"),
  Invalid("a b = 1", "1:3: expected '=' after the key"),
  Invalid("= 1", "1:1: expected a key"),
  Invalid("a. = 1", "1:4: expected a key"),
  Invalid("a..b = 1", "1:3: expected a key"),
  Invalid("é = 1", "1:1: expected a key"),
  Invalid("\"\"\"a\"\"\" = 1", "1:1: a multi-line string cannot be a key"),
  Invalid("a = 1 b = 2", "1:7: expected the end of the line"),
  Invalid("a =", "1:4: expected a value"),
  Invalid("a = # b", "1:5: expected a value"),
  Invalid("a = é", "1:5: unexpected character where a value should be"),
  Invalid("a = hello", "1:5: invalid value 'hello' (strings need quotes)"),
  Invalid("a = True", "1:5: invalid value 'True' (strings need quotes)"),
  // Strings
  Invalid("a = \"x", "1:5: the string has no end"),
  Invalid("a = 'x\n'", "1:5: the string has no end"),
  Invalid("\na = \"\"\"x\n\"\"", "2:5: the multi-line string has no end"),
  Invalid("a = '''''''''", "1:13: expected the end of the line"),
  Invalid(#"a = "\e""#, #"1:6: unknown escape sequence (a backslash itself is written \\, or in '…' quotes)"#),
  Invalid(#"a = "\x41""#, #"1:6: unknown escape sequence (a backslash itself is written \\, or in '…' quotes)"#),
  Invalid(
    "a = \"\"\"\\ x\"\"\"", #"1:8: unknown escape sequence (a backslash itself is written \\, or in '…' quotes)"#),
  Invalid(#"a = "\u12g4""#, "1:6: expected 4 hexadecimal digits"),
  Invalid(#"a = "\ud800""#, "1:6: not a Unicode scalar value"),
  Invalid(#"a = "\U00110000""#, "1:6: not a Unicode scalar value"),
  // Numbers
  Invalid("mode = 0644", "1:8: leading zeros are not allowed in '0644' (octal is written 0o644)"),
  Invalid("a = -09", "1:5: leading zeros are not allowed in '-09'"),
  Invalid("a = 00.5", "1:5: leading zeros are not allowed in '00.5'"),
  Invalid("a = +0x1", "1:5: invalid number '+0x1'"),
  Invalid("a = 0X1", "1:5: invalid number '0X1'"),
  Invalid("a = 0o8", "1:5: invalid number '0o8'"),
  Invalid("a = 0x", "1:5: invalid number '0x'"),
  Invalid("a = 0x_1", "1:5: misplaced '_' in the number '0x_1'"),
  Invalid("a = 1__0", "1:5: misplaced '_' in the number '1__0'"),
  Invalid("a = 1_", "1:5: misplaced '_' in the number '1_'"),
  Invalid("a = _1", "1:5: invalid value '_1' (strings need quotes)"),
  Invalid("a = 9223372036854775808", "1:5: '9223372036854775808' does not fit in 64 bits"),
  Invalid("a = 0x8000000000000000", "1:5: '0x8000000000000000' does not fit in 64 bits"),
  Invalid("a = .5", "1:5: invalid number '.5'"),
  Invalid("a = 1.", "1:5: invalid number '1.'"),
  Invalid("a = 1.e5", "1:5: invalid number '1.e5'"),
  Invalid("a = 1e5.5", "1:5: invalid number '1e5.5'"),
  Invalid("a = +-1", "1:5: invalid number '+-1'"),
  Invalid("a = 1k", "1:5: invalid number '1k'"),
  // Dates and times
  Invalid("a = 2001-02-29", "1:5: invalid date or time '2001-02-29'"),
  Invalid("a = 1979-13-01", "1:5: invalid date or time '1979-13-01'"),
  Invalid("a = 1979-05-27T24:00:00", "1:5: invalid date or time '1979-05-27T24:00:00'"),
  Invalid("a = 1979-05-27T07:32", "1:5: invalid date or time '1979-05-27T07:32'"),
  Invalid("a = 1979-05-27T07:32:61Z", "1:5: invalid date or time '1979-05-27T07:32:61Z'"),
  Invalid("a = 1979-05-27T07:32:00+7", "1:5: invalid date or time '1979-05-27T07:32:00+7'"),
  Invalid("a = 07:32:00.", "1:5: invalid date or time '07:32:00.'"),
  Invalid("a = 1979-05-27  07:32:00", "1:17: expected the end of the line"),
  // Arrays and inline tables
  Invalid("a = [1", "1:5: the array has no end"),
  Invalid("a = [1 2]", "1:8: expected ',' or ']' in the array"),
  Invalid("a = [,]", "1:6: unexpected character where a value should be"),
  Invalid("a = {", "1:5: the inline table has no end"),
  Invalid("a = { b = 1, }", "1:14: expected a key"),
  Invalid("a = { b = 1\n}", "1:12: expected ',' or '}' in the inline table, which must stand on one line"),
  Invalid("a = { b = 1 c = 2 }", "1:13: expected ',' or '}' in the inline table, which must stand on one line"),
  // Headers
  Invalid("[", "1:2: expected a key"),
  Invalid("[]", "1:2: expected a key"),
  Invalid("[a", "1:3: expected ']' after the table's name"),
  Invalid("[[a]", "1:5: expected ']]' after the table's name"),
  Invalid("[ [a]]", "1:3: expected a key"),
  Invalid("[a] b = 1", "1:5: expected the end of the line"),
]

private let repetitions: [Invalid] = [
  Invalid("hostname = 1\nx = 2\nhostname = 3", "3:1: duplicate key 'hostname' (first defined at 1:1)"),
  Invalid("a.b = 1\na = 2", "2:1: duplicate key 'a' (first defined at 1:1)"),
  Invalid("a = 1\na.b = 2", "2:1: 'a' is an integer, not a table (1:5)"),
  Invalid("a = {}\na.b = 2", "2:1: 'a' is an inline table, complete at 1:5: nothing can be added to it"),
  Invalid("a = { b = 1, b = 2 }", "1:14: duplicate key 'b' (first defined at 1:7)"),
  Invalid(
    "a = { b = { c = 1 }, b.d = 2 }", "1:22: 'b' is an inline table, complete at 1:11: nothing can be added to it"),
  Invalid("[a]\n[a]", "2:2: 'a' is already defined (at 1:2)"),
  Invalid("[[a]]\n[a]", "2:2: 'a' is already defined (at 1:3)"),
  Invalid("[a]\n[[a]]", "2:3: 'a' is already defined (at 1:2) and is not an array of tables"),
  Invalid("a = []\n[[a]]", "2:3: 'a' is already defined (at 1:1) and is not an array of tables"),
  Invalid("a = [{}]\n[a.b]", "2:2: 'a' is an array, complete at 1:5: nothing can be added to it"),
  Invalid("a = {}\n[a.b]", "2:2: 'a' is an inline table, complete at 1:5: nothing can be added to it"),
  Invalid("[f]\na.c = 1\n[f.a]", "3:4: 'a' is already defined (at 2:1)"),
  Invalid(
    "[a.b.c]\n[a]\nb.d = 1", "3:1: 'b' has a header of its own (at 1:4): a dotted key cannot add to it"),
  Invalid("\"\\u001b[31m\" = 1\n\"\\u001b[31m\" = 1", #"2:1: duplicate key '\u{1b}[31m' (first defined at 1:1)"#),
]

@Suite struct `Invalid documents` {
  @Test(arguments: syntax + repetitions)
  func `are refused with place and reason`(_ document: Invalid) {
    let error = #expect(throws: TOMLError.self) { try TOMLTable(parsing: Array(document.text.utf8)) }
    #expect(error?.description == document.message)
  }

  @Test(
    arguments: [
      ([0x61, 0xFF], "1:2: invalid UTF-8"),
      ([0x23, 0x0A, 0xC3], "2:1: invalid UTF-8"),
      ([0x23, 0xC3, 0xA9, 0xED, 0xA0, 0x80], "1:3: invalid UTF-8"),
      ([0xC0, 0x80], "1:1: invalid UTF-8"),
      ([0xFF, 0xFE, 0x61, 0x00], "1:1: invalid UTF-8"),
    ] as [([UInt8], String)])
  func `that are not UTF-8 are refused`(_ bytes: [UInt8], _ message: String) {
    let error = #expect(throws: TOMLError.self) { try TOMLTable(parsing: bytes) }
    #expect(error?.description == message)
  }

  @Test(arguments: [
    "a = " + String(repeating: "[", count: 100_000),
    String(repeating: "a.", count: 100_000) + "a = 1",
    "[" + String(repeating: "a.", count: 100_000) + "a]",
    String(repeating: "a = {", count: 100_000),
  ])
  func `that nest too deep are refused`(_ text: String) {
    let error = #expect(throws: TOMLError.self) { try TOMLTable(parsing: Array(text.utf8)) }
    #expect(error?.message == "nested deeper than 128 levels")
  }

  @Test(arguments: ["hunter2", "0123", "1234567890123456789012", "1__2", "2000-99-99"])
  func `do not give away a secret`(_ secret: String) {
    let error = #expect(throws: TOMLError.self) {
      try TOMLTable(parsing: Array("[user]\npassword = \(secret)".utf8), secretKeys: ["password"])
    }
    #expect(error?.message.contains(secret) == false)
  }
}
