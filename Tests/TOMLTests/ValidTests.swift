import Bytes
import Testing

@testable import TOML

/// A document and what it means, as toml-test's tagged JSON without the tags of plain integers.
struct Valid: Sendable, CustomTestStringConvertible {
  let text: String
  let json: String

  init(_ text: String, _ json: String) {
    self.text = text
    self.json = json
  }

  var testDescription: String { text.printable }
}

private let documents: [Valid] = [
  // Comments, blank lines, ends of lines
  Valid("", "{}"),
  Valid("# only\ta comment", "{}"),
  Valid("\u{FEFF}a = 1", #"{"a": 1}"#),
  Valid("a = 1\r\nb = 2 # x\r\n\r\n", #"{"a": 1, "b": 2}"#),
  // Keys
  Valid("a-b_C9 = 1", #"{"a-b_C9": 1}"#),
  Valid("1234 = 1", #"{"1234": 1}"#),
  Valid("'' = 1", #"{"": 1}"#),
  Valid("\"a\\u00e9.b\" = 1", #"{"aé.b": 1}"#),
  Valid("'a\\b' . \"c\" .d = 1", #"{"a\\b": {"c": {"d": 1}}}"#.escapedBackslash),
  Valid("3.14 = 1", #"{"3": {"14": 1}}"#),
  Valid("true = 1\ninf.nan = 2", #"{"true": 1, "inf": {"nan": 2}}"#),
  Valid("\"\u{E9}\" = 1\n\"e\u{301}\" = 2", "{\"\u{E9}\": 1, \"e\u{301}\": 2}"),
  // Strings
  Valid(#"s = "\b\t\n\f\r\"\\\u0041\U0001F600""#, string(#"\u0008\u0009\u000a\u000c\u000d\u0022\u005cA😀"#)),
  Valid("s = 'C:\\x'", string(#"C:\u005cx"#)),
  Valid("s = \"\"\"\nfirst\nsecond\"\"\"", string(#"first\u000asecond"#)),
  Valid("s = \"\"\"a\\  \n\r\n  \t b\"\"\"", string("ab")),
  Valid("s = \"\"\"\"\"two\"\"\"\"\"", string(#"\u0022\u0022two\u0022\u0022"#)),
  Valid("s = '''\n''x'''''", string("''x''")),
  Valid("s = '''a\r\nb'''", string(#"a\u000d\u000ab"#)),
  Valid("s = \"\"\"\"\"\"", string("")),
  Valid("s = ''", string("")),
  // Integers
  Valid("a = +99\nb = -17\nc = -0\nd = 5_349_221", #"{"a": 99, "b": -17, "c": 0, "d": 5349221}"#),
  Valid("a = 0xdead_BEEF\nb = 0o01234567\nc = 0b1101", #"{"a": 3735928559, "b": 342391, "c": 13}"#),
  Valid(
    "a = 9223372036854775807\nb = -9223372036854775808",
    #"{"a": 9223372036854775807, "b": -9223372036854775808}"#),
  // Floats
  Valid("a = 3.1415", float("3.1415")),
  Valid("a = -0.0", float("-0.0")),
  Valid("a = 5e+22", float("5e+22")),
  Valid("a = 1e06", float("1000000.0")),
  Valid("a = -2E-2", float("-0.02")),
  Valid("a = 6.626_1e-3_4", float("6.6261e-34")),
  Valid("a = -inf", float("-inf")),
  Valid("a = +nan", float("nan")),
  // Booleans, dates and times
  Valid("a = true", #"{"a": {"type": "bool", "value": "true"}}"#),
  Valid("a = 1979-05-27t07:32:00z", date("datetime", "1979-05-27T07:32:00Z")),
  Valid("a = 1979-05-27 00:32:00.999999-07:00", date("datetime", "1979-05-27T00:32:00.999999-07:00")),
  Valid("a = 1990-12-31T23:59:60Z", date("datetime", "1990-12-31T23:59:60Z")),
  Valid("a = 1979-05-27T07:32:00", date("datetime-local", "1979-05-27T07:32:00")),
  Valid("a = 2000-02-29 # leap", date("date-local", "2000-02-29")),
  Valid("a = 00:32:00.5", date("time-local", "00:32:00.5")),
  // Arrays
  Valid("a = [ 1, 2, ]", #"{"a": [1, 2]}"#),
  Valid("a = [\n # c\n 1 # d\n , [ ],\r\n[2]]", #"{"a": [1, [], [2]]}"#),
  // Tables
  Valid("[a]\n[a.b]\n[c . 'd']\nx=1", #"{"a": {"b": {}}, "c": {"d": {"x": 1}}}"#),
  Valid("[x.y.z]\n[x]\na=1", #"{"x": {"y": {"z": {}}, "a": 1}}"#),
  Valid("[f]\nb.c=1\n[f.b.t]\nd=2", #"{"f": {"b": {"c": 1, "t": {"d": 2}}}}"#),
  Valid("a.b=1\nz=2\na.c=3", #"{"a": {"b": 1, "c": 3}, "z": 2}"#),
  Valid("t = { a.b = 1, a.c = {}, 'd' = [{}] }", #"{"t": {"a": {"b": 1, "c": {}}, "d": [{}]}}"#),
  Valid("[[p]]\n[[p]]\nn=1\n[p.q]\n[[p.r]]\n[[p.r]]", #"{"p": [{}, {"n": 1, "q": {}, "r": [{}, {}]}]}"#),
  Valid("[[a.b]]\n[a]\nx=1", #"{"a": {"b": [{}], "x": 1}}"#),
]

private func string(_ json: String) -> String { #"{"s": {"type": "string", "value": "\#(json)"}}"# }
private func float(_ value: String) -> String { date("float", value) }
private func date(_ type: String, _ value: String) -> String {
  #"{"a": {"type": "\#(type)", "value": "\#(value)"}}"#
}

extension String {
  /// As ``tagged(_:)`` writes a backslash.
  fileprivate var escapedBackslash: String { split(separator: #"\\"#).joined(separator: #"\u005c"#) }
}

@Suite struct `Valid documents` {
  @Test(arguments: documents)
  func `mean what the specification says`(_ document: Valid) throws {
    let table = try TOMLTable(parsing: Array(document.text.utf8))
    let plain = tagged(table).replacing(/\{"type": "integer", "value": "(-?[0-9]+)"\}/) { $0.1 }
    #expect(plain.unicodeScalars.elementsEqual(document.json.unicodeScalars), "\(plain)")
  }

  @Test func `know the place of every key and value`() throws {
    let table = try TOMLTable(parsing: Array("\n[ 'rööt' ]\n 'é' . on\t=  [ 1,\n\"x\" ]\nx = 0o644".utf8))
    let root = try #require(table["rööt"])
    #expect("\(root.key.span.start)" == "2:3")
    #expect("\(root.key.span.end)" == "2:9")
    #expect("\(root.value.span.start)" == "2:1")
    guard case .table(let inner) = root.value.content, case .table(let dotted)? = inner["é"]?.value.content,
      case .array(let values)? = dotted["on"]?.value.content
    else {
      Issue.record("not the tables expected")
      return
    }
    #expect("\(try #require(dotted["on"]).key.span.start)" == "3:8")
    #expect(values.map { "\($0.span.start)-\($0.span.end)" } == ["3:16-3:17", "4:1-4:4"])
    guard case .integer(420, radix: 8)? = inner["x"]?.value.content else {
      Issue.record("the radix is lost")
      return
    }
  }

  @Test(.timeLimit(.minutes(1))) func `cost time in proportion to their size`() throws {
    let elements = String(repeating: "[[nodes]]\nname = 'x'\n", count: 20_000)
    let line = "a = [" + String(repeating: "1,", count: 20_000) + "]\n"
    #expect(try TOMLTable(parsing: Array((line + elements).utf8)).entries.count == 2)
  }
}
