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

extension HostsSettings {
  static let anyKey = ListKey(
    "ADDRESS", of: .dnsName, takesOne: true, "The names of a machine, by its address; the first is the canonical one.",
    example: "[\"mandalore\", \"pxe\"]")
  static let keys = TableKeys("hosts", "Machines that the node knows without a name server.", [], others: anyKey)

  init(reading table: TableReader) {
    self.init(
      entries: table.others(Self.keys, Form<[String]>.array(of: .dnsName)).map {
        Entry(address: $0.name.value, names: $0.value, place: $0.name.place)
      })
  }
}
