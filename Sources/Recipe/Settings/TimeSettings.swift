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
