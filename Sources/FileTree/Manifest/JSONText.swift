import Bytes

/// JSON objects being written, one a line, keys in the order in which they are given, without blanks.
///
/// Values are ASCII without `"` and `\`, or numbers: nothing here needs JSON's own escapes.
package struct JSONText {
  /// The text so far.
  package var bytes: [UInt8] = []
  private var isFirst = true

  package init() {}

  /// Begins an object.
  package mutating func open() {
    bytes.append(UInt8(ascii: "{"))
    isFirst = true
  }

  /// Ends the object and its line.
  package mutating func close() {
    bytes.append(UInt8(ascii: "}"))
    bytes.append(UInt8(ascii: "\n"))
  }

  /// A key with a string that needs no escapes.
  package mutating func key(_ name: StaticString, string: String) {
    self.name(name)
    quote { $0.append(contentsOf: string.utf8) }
  }

  /// A key with bytes, escaped by percent signs.
  package mutating func key(_ name: StaticString, escaping value: [UInt8]) {
    self.name(name)
    quote { $0.append(escaping: value) }
  }

  /// A key with a whole number.
  package mutating func key(_ name: StaticString, number: Int) {
    self.name(name)
    bytes.append(contentsOf: String(number).utf8)
  }

  /// A key with an object of extended attributes, values in base64; nothing if there are none.
  package mutating func key(_ name: StaticString, _ xattrs: [ExtendedAttribute]) {
    guard !xattrs.isEmpty else { return }
    self.name(name)
    var separator = UInt8(ascii: "{")
    for attribute in xattrs {
      bytes.append(separator)
      quote { $0.append(escaping: attribute.name) }
      bytes.append(UInt8(ascii: ":"))
      quote { attribute.value.appendBase64(to: &$0) }
      separator = UInt8(ascii: ",")
    }
    bytes.append(UInt8(ascii: "}"))
  }

  /// A key with an array of texts that need no escapes.
  package mutating func key(_ name: StaticString, strings: [String]) {
    self.name(name)
    bytes.append(UInt8(ascii: "["))
    for (index, string) in strings.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      quote { $0.append(contentsOf: string.utf8) }
    }
    bytes.append(UInt8(ascii: "]"))
  }

  /// A key with a record as an object; nothing if there is none.
  package mutating func key(_ name: StaticString, _ record: ManifestRecord?) {
    guard let record else { return }
    self.name(name)
    bytes.append(UInt8(ascii: "{"))
    isFirst = true
    record.appendKeys(to: &self)
    bytes.append(UInt8(ascii: "}"))
    isFirst = false
  }

  private mutating func name(_ name: StaticString) {
    if !isFirst { bytes.append(UInt8(ascii: ",")) }
    isFirst = false
    quote { $0.append(contentsOf: "\(name)".utf8) }
    bytes.append(UInt8(ascii: ":"))
  }

  private mutating func quote(_ content: (inout [UInt8]) -> Void) {
    bytes.append(UInt8(ascii: "\""))
    content(&bytes)
    bytes.append(UInt8(ascii: "\""))
  }
}
