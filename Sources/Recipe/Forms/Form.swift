import Bytes
import SystemPackage
import TOML

/// What a value must look like, and what it becomes.
struct Form<Value>: Sendable {
  let read: @Sendable (Setting) -> Result<Value, Mismatch>
  /// What JSON Schema can say of it.
  let schema: Schema
  /// What the value must be, in words.
  let words: String
  /// Whether no message may show the value.
  let isSecret: Bool

  /// The form of the settings for which `read` has a value.
  init(
    _ schema: Schema = .text(), _ words: String? = nil, isSecret: Bool = false,
    read: @escaping @Sendable (Setting) -> Result<Value, Mismatch>
  ) {
    self.schema = schema
    self.words = words ?? schema.words
    self.isSecret = isSecret
    self.read = read
  }
}

/// Why a value is not of its form.
struct Mismatch: Error {
  /// The value as a message may show it; nil for a secret, and where the kind of the value says enough.
  let found: String?
  /// What was expected, or what else is the matter.
  let message: String
  /// What stands between the value and the message.
  var joint = ": "
}

extension Form {
  /// A string that `parse` makes something of; `expected` says of what sort it is.
  static func text(
    _ expected: String, isSecret: Bool = false, _ schema: Schema = .text(),
    _ parse: @escaping @Sendable (String) -> Value?
  ) -> Form {
    Form(schema, expected, isSecret: isSecret) { setting in
      guard case .string(let text) = setting.content else { return .failure(.kind("a string", setting)) }
      if let value = parse(text) { return .success(value) }
      return .failure(Mismatch(found: isSecret ? nil : "\"\(text.printable)\"", message: "expected \(expected)"))
    }
  }
}

extension Mismatch {
  /// The mismatch of a value that the recipe language has and pibake does not handle yet.
  static func unsupported(_ value: String) -> Mismatch {
    Mismatch(found: value, message: "is not supported yet", joint: " ")
  }

  /// The mismatch of a string that may be shown.
  init(quoting text: String, _ message: String) {
    self.init(found: "\"\(text.printable)\"", message: message)
  }

  static func kind(_ expected: String, _ setting: Setting) -> Mismatch {
    Mismatch(found: nil, message: "expected \(expected), found \(setting.kind)")
  }

  /// The same mismatch, with what was probably meant.
  func asking(_ guess: String) -> Mismatch {
    Mismatch(found: found, message: "\(message); did you mean \"\(guess)\"?", joint: joint)
  }
}

extension Form<String> {
  /// A string of which `isSuch` is true.
  static func text(_ expected: String, where isSuch: @escaping @Sendable (String) -> Bool) -> Form {
    text(expected) { isSuch($0) ? $0 : nil }
  }

  /// Any string.
  static var text: Form { text("a string") { $0 } }
}

extension Form where Value: RawRepresentable & CaseIterable & SendableMetatype, Value.RawValue == String {
  /// One of the words that name the cases of an enumeration.
  static func choice() -> Form {
    let schema = Schema.choice(Value.allCases.map(\.rawValue))
    return text(schema.words, schema) { Value(rawValue: $0) }
  }
}

extension Form<Bool> {
  /// true or false.
  static var boolean: Form {
    Form(.boolean) { setting in
      guard let truth = setting.boolean else { return .failure(.kind("true or false", setting)) }
      return .success(truth)
    }
  }

  /// true: a key that says what to do, for which false would say nothing.
  static var onlyTrue: Form {
    Form(.onlyTrue) { setting in
      guard let truth = setting.boolean else { return .failure(.kind("true", setting)) }
      return truth ? .success(true) : .failure(Mismatch(found: "false", message: "expected true, or no such key"))
    }
  }

  /// `[root] overlay`: not handled yet, so that only its absence can be asked for.
  static var overlay: Form {
    Form(.boolean) { setting in
      guard let truth = setting.boolean else { return .failure(.kind("true or false", setting)) }
      return truth ? .failure(.unsupported("true")) : .success(false)
    }
  }
}

extension Form<Int> {
  /// An integer of `range`.
  static func integer(in range: ClosedRange<Int>) -> Form {
    Form(.integer(range)) { setting in
      guard let number = setting.integer else { return .failure(.kind("an integer", setting)) }
      if let value = Int(exactly: number), range.contains(value) { return .success(value) }
      return .failure(
        Mismatch(found: "\(number)", message: "expected a number from \(range.lowerBound) to \(range.upperBound)"))
    }
  }
}

extension Form<Int> {
  /// The version of the recipe language: there is one.
  static var recipeVersion: Form {
    Form(.one) { setting in
      guard case .integer(let number, _) = setting.content else { return .failure(.kind("the integer 1", setting)) }
      return number == 1 ? .success(1) : .failure(Mismatch(found: "\(number)", message: "this pibake reads version 1"))
    }
  }
}

extension Form<FilePath> {
  /// A path of this machine, relative to the recipe file that says it.
  static var path: Form {
    Form(.text(), "a path") { setting in
      guard case .string(let text) = setting.content else { return .failure(.kind("a path", setting)) }
      guard text.isPath else { return .failure(Mismatch(quoting: text, "expected a path")) }
      return .success(setting.file.resolve(text))
    }
  }

  /// The path of something that is there.
  static var existingPath: Form {
    Form(.text(), "a path") { setting in
      path.read(setting).flatMap { path in
        guard let error = path.accessFailure else { return .success(path) }
        return .failure(Mismatch(quoting: path.string, "cannot be read: \(error)"))
      }
    }
  }
}

extension String {
  /// Whether the text is not empty and holds no NUL, which would end a path early.
  var isPath: Bool { !isEmpty && !utf8.contains(0) }

  /// Whether the text is one line without control characters.
  var isLine: Bool { unicodeScalars.allSatisfy { $0.properties.generalCategory != .control } }

  /// Whether every scalar is an ASCII letter or digit, or one of `others`.
  func consistsOfLettersDigits(and others: String) -> Bool {
    unicodeScalars.allSatisfy { scalar in
      switch scalar {
      case "A"..."Z", "a"..."z", "0"..."9": true
      default: others.unicodeScalars.contains(scalar)
      }
    }
  }
}
