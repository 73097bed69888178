/// `[motd]`: what the node shows after a login.
package struct MotdSettings: Sendable {
  /// The message; nil: that of the image. An empty one shows nothing.
  package var text: String?

  /// Settings that say only what is given.
  package init(text: String? = nil) { self.text = text }
}
