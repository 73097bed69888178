import Bytes
import FileTree
import Recipe

// Settings that no network manager accepts, or that would take the node off the network.
extension NodeSystem {
  /// Checks the recipe's networks: each for itself, against each other, and against the image.
  mutating func checkNetwork(_ settings: NetworkSettings) throws(RaspberryPiOSError) {
    for interface in settings.ethernet { try EthernetCheck(interface).run() }
    try checkInterfaces(settings.ethernet)
    try checkRootInterface(settings.ethernet)
    try checkWLAN(settings)
  }

  private func checkInterfaces(_ ethernet: [EthernetSettings]) throws(RaspberryPiOSError) {
    var seen: Set<InterfaceName> = []
    var unnamed: EthernetSettings?
    for interface in ethernet {
      var names: [InterfaceName] = []
      if case .bond(_, _, let members) = interface.link { names = members }
      if let name = interface.name {
        names.append(name)
      } else if unnamed == nil {
        unnamed = interface
      } else {
        throw .recipe("a second [ethernet] without interface: both would be the same port", place: interface.place)
      }
      for name in names where !seen.insert(name).inserted {
        throw .recipe("[ethernet] interface = \"\(name)\": it is another's already", place: interface.place)
      }
    }
    if let unnamed, ethernet.contains(where: { if case .port = $0.link { false } else { true } }) {
      throw .recipe(
        "[ethernet] without interface would also be the port of a bond or a VLAN", place: unnamed.place,
        hint: "name it: interface = \"eth0\"")
    }
  }

  /// The kernel configures the port over which it mounts an NFS root. A network manager that configures that port again
  /// cuts the node off from its root.
  private func checkRootInterface(_ ethernet: [EthernetSettings]) throws(RaspberryPiOSError) {
    guard !topology.hasRootDisk else { return }
    let own: [InterfaceName?] = [nil, InterfaceName("eth0"), InterfaceName("end0")]
    for interface in ethernet {
      let touchesRoot =
        switch interface.link {
        case .port(let name): interface.method != .auto && own.contains(name)
        case .bond(_, _, let members): members.contains { own.contains($0) }
        case .vlan: false
        }
      guard touchesRoot else { continue }
      throw .recipe(
        "[ethernet]: the root is on nfs, and to configure the port again would cut the node off from it",
        place: interface.place,
        hint: "the kernel asks for its address by DHCP: reserve one at the DHCP server, or name another interface")
    }
  }

  private mutating func checkWLAN(_ settings: NetworkSettings) throws(RaspberryPiOSError) {
    guard let first = settings.wlan.first else { return }
    var seen: Set<SSID> = []
    for network in settings.wlan {
      guard seen.insert(network.ssid).inserted else {
        throw .recipe("[wlan] ssid = \"\(network.ssid)\" is there twice", place: network.place)
      }
      if let country = network.country, let other = settings.country, country != other {
        throw .recipe(
          "[wlan] country = \"\(country)\": another network of the node says \"\(other)\"", place: network.place)
      }
      guard (-999...999).contains(network.priority) else {
        throw .recipe(
          "[wlan] priority = \(network.priority): expected a number from -999 to 999", place: network.place)
      }
      if case .enterprise(let account) = network.security { try checkAccount(account, of: network) }
    }
    guard let country = settings.country else {
      if try namesCountry() { return }
      throw .recipe(
        "[wlan] needs country: without it, the radio stays off", place: first.place,
        hint: "two letters of ISO 3166, such as country = \"AT\"")
    }
    try checkCountry(country, place: settings.wlan.first { $0.country != nil }?.place)
  }

  /// Whether a command line sets the country already.
  private func namesCountry() throws(RaspberryPiOSError) -> Bool {
    for path in commandLines {
      guard let file = try boot.text(at: path) else { continue }
      let words = file.indices.flatMap { file[$0].words }
      if words.contains(where: { $0.hasPrefix("\(NetworkSettings.regulatoryKey)=") }) { return true }
    }
    return false
  }

  /// Looks the country up in tzdata's list, as raspi-config does.
  private func checkCountry(_ country: CountryCode, place: RecipePlace?) throws(RaspberryPiOSError) {
    guard let list = try root.text(at: "usr/share/zoneinfo/iso3166.tab") else { return }
    let codes = list.indices.compactMap { list[$0].hasPrefix("#") ? nil : list[$0].words.first }
    guard !codes.isEmpty, !codes.contains("\(country)") else { return }
    throw .recipe(
      "[wlan] country = \"\(country)\": no country of ISO 3166 has this code", place: place,
      hint: country.description == "UK" ? "did you mean \"GB\"?" : nil)
  }

  private mutating func checkAccount(
    _ account: EnterpriseSettings, of network: WLANSettings
  ) throws(RaspberryPiOSError) {
    var paths = [account.caCertificate].compactMap(\.self)
    switch account.method {
    case .peap(let tunnel) where ![.mschapv2, .gtc, .md5].contains(tunnel.phase2):
      throw .recipe(
        "[wlan] phase2 = \"\(tunnel.phase2.rawValue)\" with eap = \"peap\": expected \"mschapv2\", \"gtc\" or \"md5\"",
        place: network.place)
    case .peap, .ttls: break
    case .tls(let client): paths += [client.certificate, client.privateKey]
    }
    for text in [account.identity, account.anonymousIdentity ?? "-"] + paths where text.isEmpty || !text.isOneLine {
      throw .recipe(
        "[wlan] ssid = \"\(network.ssid)\": identities and paths are one line without control characters",
        place: network.place)
    }
    let placed = recipe.files.map(\.path)
    for path in paths where !root.has(TreePath(path) ?? TreePath()) && !placed.contains(path) {
      warn("[wlan] ssid = \"\(network.ssid)\": neither the image nor [[files]] has \(path.printable)")
    }
    if account.caCertificate == nil {
      warn("[wlan] ssid = \"\(network.ssid)\" has no ca_cert: any network that calls itself so is trusted")
    }
  }
}

extension String {
  /// Whether no scalar is a control character.
  fileprivate var isOneLine: Bool { unicodeScalars.allSatisfy { $0.properties.generalCategory != .control } }
}
