@testable import TOML

/// The document as toml-test's tagged JSON.
func tagged(_ table: TOMLTable) -> String {
  "{" + table.entries.map { json($0.key.name) + ": " + tagged($0.value) }.joined(separator: ", ") + "}"
}

private func tagged(_ value: TOMLValue) -> String {
  switch value.content {
  case .string(let text): tag("string", text)
  case .integer(let number, _): tag("integer", "\(number)")
  case .float(let number): tag("float", number.isNaN ? "nan" : "\(number)")
  case .boolean(let truth): tag("bool", "\(truth)")
  case .dateTime(let dateTime): tag(typeName(dateTime.kind), rfc3339(dateTime.text))
  case .array(let values): "[" + values.map(tagged).joined(separator: ", ") + "]"
  case .table(let table): tagged(table)
  }
}

private func tag(_ type: String, _ value: String) -> String {
  "{\"type\": \(json(type)), \"value\": \(json(value))}"
}

private func typeName(_ kind: TOMLDateTime.Kind) -> String {
  switch kind {
  case .offsetDateTime: "datetime"
  case .localDateTime: "datetime-local"
  case .localDate: "date-local"
  case .localTime: "time-local"
  }
}

/// With `T` between date and time, and `Z` for the offset.
private func rfc3339(_ text: String) -> String {
  String(text.uppercased().map { $0 == " " ? "T" : $0 })
}

private func json(_ text: String) -> String {
  "\""
    + text.unicodeScalars.map { $0 < " " || $0 == "\"" || $0 == "\\" || $0 == "\u{7F}" ? escape($0) : String($0) }
    .joined() + "\""
}

private func escape(_ scalar: Unicode.Scalar) -> String {
  let digits = String(scalar.value, radix: 16)
  return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
}
