import FoundationEssentials

extension Encodable {
  /// The value as a JSON document for people and programs: keys in snake case and sorted, so that the same value gives the
  /// same bytes.
  ///
  /// - Throws: what the encoder throws.
  func jsonDocument() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    return Array(try encoder.encode(self)) + [0x0A]
  }
}
