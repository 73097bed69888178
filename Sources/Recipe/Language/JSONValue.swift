/// A JSON document that is made by hand.
package enum JSONValue: Encodable, Sendable, Equatable {
  case string(String)
  case number(Int)
  case boolean(Bool)
  case array([JSONValue])
  case object([String: JSONValue])

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .string(let text): try container.encode(text)
    case .number(let number): try container.encode(number)
    case .boolean(let truth): try container.encode(truth)
    case .array(let values): try container.encode(values)
    case .object(let values): try container.encode(values)
    }
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral {
  package init(stringLiteral text: String) { self = .string(text) }
  package init(booleanLiteral truth: Bool) { self = .boolean(truth) }
  package init(integerLiteral number: Int) { self = .number(number) }
}
