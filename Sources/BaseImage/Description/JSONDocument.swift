import Bytes
import FoundationEssentials

extension Encodable {
  /// The value as a JSON document for people and programs: keys in snake case and sorted, so that the same value gives the
  /// same bytes. Characters that a terminal obeys, or that deceive a reader, are escaped.
  ///
  /// - Throws: what the encoder throws.
  package func jsonDocument() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    let text = String(decoding: try encoder.encode(self), as: UTF8.self)
    return Array(text.withJSONEscapes.utf8) + [0x0A]
  }
}
