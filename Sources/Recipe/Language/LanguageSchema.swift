/// The recipe language as JSON Schema (draft 2020-12), for editors.
extension RecipeLanguage {
  /// The schema of a recipe file.
  package static var schema: JSONValue {
    var definitions: [String: JSONValue] = [:]
    for table in tables { definitions[table.path] = .object(table.keys.schema(at: table.path)) }
    var top = top.schema(at: "")
    top["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    top["title"] = "pibake recipe"
    top["$defs"] = .object(definitions)
    return .object(top)
  }
}

extension TableKeys {
  /// The schema of the table whose name, from the top, is `path`.
  fileprivate func schema(at path: String) -> [String: JSONValue] {
    var properties: [String: JSONValue] = [:]
    for key in keys { properties[key.name] = .object(key.schema(at: path.isEmpty ? key.name : "\(path).\(key.name)")) }
    var schema: [String: JSONValue] = [
      "type": "object", "description": .string(summary), "properties": .object(properties),
      "additionalProperties": others.map { .object($0.schema(at: "\(path).\($0.name)")) } ?? false,
    ]
    if !required.isEmpty { schema["required"] = .array(required.map { .string($0) }) }
    let rules = exclusives.map(\.schema)
    if !rules.isEmpty { schema["allOf"] = .array(rules) }
    return schema
  }
}

extension TableKeys.Exclusive {
  /// At most one of the keys, or exactly one.
  fileprivate var schema: JSONValue {
    let each = keys.map { JSONValue.object(["required": .array([.string($0)])]) }
    let none = JSONValue.object(["not": .object(["anyOf": .array(each)])])
    return .object(["oneOf": .array(isRequired ? each : each + [none])])
  }
}

extension KeyEntry {
  fileprivate func schema(at path: String) -> [String: JSONValue] {
    switch kind {
    case .value(let check): return described(check.schema.json)
    case .list(let check, let takesOne):
      let list = JSONValue.object(["type": "array", "items": .object(check.schema.json)])
      // What is added to the array of a file that this one extends.
      let addition = JSONValue.object([
        "type": "object", "properties": .object(["add": list]), "required": ["add"].json, "additionalProperties": false,
      ])
      return described(["anyOf": .array([list, addition] + (takesOne ? [.object(check.schema.json)] : []))])
    case .table: return ["$ref": .string("#/$defs/\(definition(path))")]
    case .tableOrTables:
      let table = JSONValue.object(["$ref": .string("#/$defs/\(definition(path))")])
      return described(["anyOf": .array([table, .object(["type": "array", "items": table])])])
    case .tables:
      return described(["type": "array", "items": .object(["$ref": .string("#/$defs/\(definition(path))")])])
    case .named:
      return described([
        "type": "object", "additionalProperties": .object(["$ref": .string("#/$defs/\(definition(path))")]),
      ])
    // Refused today: an editor says so.
    case .missing: return described(["not": .object([:]), "$comment": "not supported yet"])
    case .anything(let schema):
      return described([
        "anyOf": .array([.object(schema.json), .object(["type": "array", "items": .object(schema.json)])])
      ])
    }
  }

  /// Where a table of that path is defined: those that nodes and tags may hold are the recipe's own.
  private func definition(_ path: String) -> String {
    let names = path.split(separator: ".").map(String.init)
    return (names.first == "nodes" || names.first == "tags") && names.count > 1
      ? names.dropFirst().joined(separator: ".") : path
  }

  private func described(_ schema: [String: JSONValue]) -> [String: JSONValue] {
    var schema = schema
    schema["description"] = .string(note.summary)
    if let fallback = note.fallback {
      schema["description"] = .string("\(note.summary) Left out: \(fallback).")
    }
    return schema
  }
}

extension Schema {
  fileprivate var json: [String: JSONValue] {
    switch self {
    case .text(let pattern, let mostCharacters):
      var schema: [String: JSONValue] = ["type": "string"]
      if let pattern { schema["pattern"] = .string(pattern) }
      if let mostCharacters { schema["maxLength"] = .number(mostCharacters) }
      return schema
    case .choice(let words): return ["enum": words.json]
    case .integer(let range):
      return ["type": "integer", "minimum": .number(range.lowerBound), "maximum": .number(range.upperBound)]
    case .boolean: return ["type": "boolean"]
    case .onlyTrue: return ["const": true]
    case .words: return ["type": "array", "items": .object(["type": "string"])]
    case .one: return ["const": 1]
    case .any(let schemas): return ["anyOf": .array(schemas.map { .object($0.json) })]
    }
  }
}

extension [String] {
  fileprivate var json: JSONValue { .array(map { .string($0) }) }
}
