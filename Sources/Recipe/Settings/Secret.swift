/// A text that no message may show: its description is not its content.
package struct Secret: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// The text itself, for the one place that needs it.
  package let exposed: String

  /// A secret whose content is `text`.
  package init(_ text: String) { exposed = text }

  /// Not the content.
  package var description: String { "(secret)" }
  /// Not the content.
  package var debugDescription: String { description }
  /// Nothing: what dumps a value shows no content.
  package var customMirror: Mirror { Mirror(self, children: [:]) }
}
