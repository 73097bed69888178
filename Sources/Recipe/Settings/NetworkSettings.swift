/// `[wlan]` and `[ethernet]`: the networks of a node.
package struct NetworkSettings: Sendable {
  /// The wireless networks.
  package var wlan: [WLANSettings]
  /// The wired interfaces.
  package var ethernet: [EthernetSettings]

  /// A node's networks.
  package init(wlan: [WLANSettings] = [], ethernet: [EthernetSettings] = []) {
    self.wlan = wlan
    self.ethernet = ethernet
  }

  /// The country in which the node is: that of the first network that gives one.
  package var country: CountryCode? { wlan.lazy.compactMap(\.country).first }

  /// The kernel parameter that sets the regulatory domain, `cfg80211.ieee80211_regdom=XX`; nil without a country.
  ///
  /// raspi-config's do_wifi_country adds it to the command line, and every release applies it. The command line is on
  /// the boot partition, so no step of the root writes it.
  package var regulatoryParameter: String? { country.map { "\(NetworkSettings.regulatoryKey)=\($0)" } }

  /// The name of that parameter.
  package static let regulatoryKey = "cfg80211.ieee80211_regdom"
}
