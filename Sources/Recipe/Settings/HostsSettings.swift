/// `[hosts]`: names of machines that the node knows without asking a name server.
package struct HostsSettings: Sendable {
  /// The names of one address.
  package struct Entry: Sendable {
    /// An IPv4 or IPv6 address.
    package var address: String
    /// Host names, the canonical one first.
    package var names: [String]
    /// Where the recipe says so.
    package var place: RecipePlace?

    /// The `names` of `address`.
    package init(address: String, names: [String], place: RecipePlace? = nil) {
      self.address = address
      self.names = names
      self.place = place
    }
  }
  /// The addresses in the order of the recipe.
  package var entries: [Entry]

  /// Settings that say only what is given.
  package init(entries: [Entry] = []) { self.entries = entries }
}
