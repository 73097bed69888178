/// `[time]`: where the node gets the time from. The zone is `[locale] timezone`.
package struct TimeSettings: Sendable {
  /// Host names or addresses of NTP servers.
  package var servers: [String]
  /// Whether the node asks servers for the time; nil: as the image has it.
  package var ntp: Bool?
  /// Where the recipe names the servers, for what only the image can tell.
  package var place: RecipePlace?

  /// Settings that say only what is given.
  package init(servers: [String] = [], ntp: Bool? = nil, place: RecipePlace? = nil) {
    self.servers = servers
    self.ntp = ntp
    self.place = place
  }
}

extension TimeSettings {
  static let serversKey = ListKey(
    "servers", of: .hostOrAddress, takesOne: true, "The servers that the node asks for the time.",
    example: "[\"ptbtime1.ptb.de\"]", fallback: "as the image has it")
  static let ntpKey = Key(
    "ntp", .boolean, "Whether the node asks servers for the time.", example: "false", fallback: "as the image has it")
  static let keys = TableKeys(
    "time", "Where the node gets the time from; the zone is [locale] timezone.", [serversKey, ntpKey])

  init(reading table: TableReader) {
    let servers = table.located(Self.serversKey) ?? []
    self.init(servers: servers.map(\.value), ntp: table[Self.ntpKey], place: servers.first?.place)
  }
}
