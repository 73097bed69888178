import Bytes

/// The first place where a document is not TOML 1.0, and why.
package struct TOMLError: Failure {
  /// Where.
  package let position: TOMLPosition
  /// Why, without the place.
  package let message: String

  /// A document is wrong: its author mends it.
  package var kind: FailureKind { .usage }
  /// `line:column: message`
  package var description: String { "\(position): \(message)" }
}
