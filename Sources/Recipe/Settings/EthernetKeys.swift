extension EthernetSettings {
  static let interfaceKey = Key(
    "interface", .interfaceName, "The interface; of a VLAN, the one that it is on; of a bond, its name.",
    example: "\"eth0\"", fallback: "the cabled one, whatever its name is")
  static let methodKey = Key<Method>(
    "method", .choice(), "Where addresses come from: DHCP and the recipe, the recipe alone, or nowhere.",
    example: "\"manual\"", fallback: "\"manual\" with an address, else \"auto\"")
  static let addressKey = ListKey(
    "address", of: .networkAddress, takesOne: true, "IPv4 and IPv6 addresses, each with its prefix length.",
    example: "\"192.168.7.11/24\"")
  static let gatewayKey = ListKey(
    "gateway", of: .ipAddress, takesOne: true, "The default routers, one for IPv4 and one for IPv6.",
    example: "\"192.168.7.1\"")
  static let dnsKey = ListKey(
    "dns", of: .ipAddress, takesOne: true, "The servers that resolve names.", example: "[\"192.168.7.1\", \"fd00::1\"]")
  static let searchKey = ListKey(
    "search", of: .searchDomain, takesOne: true, "The domains in which short names are looked up.",
    example: "\"lab.example.org\"")
  static let mtuKey = Key(
    "mtu", .integer(in: 576...9216), "The largest packet, in bytes.", example: "9000", fallback: "as the driver has it")
  static let vlanKey = Key("vlan", .integer(in: 1...4094), "The number of a VLAN on the interface.", example: "10")
  static let routeToKey = Key("to", .networkAddress, "The destination.", example: "\"10.0.0.0/8\"")
  static let routeViaKey = Key(
    "via", .ipAddress, "The router.", example: "\"192.168.7.254\"", fallback: "the destination is on the link")
  static let routeMetricKey = Key(
    "metric", .integer(in: 0...Int(UInt32.max)), "The preference, lowest first.", example: "100")
  static let routeKeys = TableKeys(
    "routes", "Static routes.", [routeToKey, routeViaKey, routeMetricKey], required: [routeToKey.name])
  static let bondModeKey = Key<BondMode>(
    "mode", .choice(), "How the ports share the traffic.", example: "\"active-backup\"", fallback: "\"active-backup\"")
  static let bondMembersKey = ListKey("members", of: .interfaceName, "The ports.", example: "[\"eth0\", \"eth1\"]")
  static let bondKeys = TableKeys(
    "bond", "Several ports as one interface.", [bondModeKey, bondMembersKey], required: [bondMembersKey.name])
  static let keys = TableKeys(
    "ethernet", "A cabled interface and its addresses; [[ethernet]] are several.",
    [
      interfaceKey, methodKey, addressKey, gatewayKey, dnsKey, searchKey, routeKeys.tables(), mtuKey, vlanKey,
      bondKeys.table,
    ],
    exclusives: [TableKeys.Exclusive([vlanKey.name, bondKeys.name])])

  /// nil if what is said is not enough, which is reported.
  init?(reading table: TableReader) {
    guard let link = Link(reading: table) else { return nil }
    let addresses = table[Self.addressKey] ?? []
    self.init(
      link: link, method: table[Self.methodKey] ?? (addresses.isEmpty ? .auto : .manual), addresses: addresses,
      gateways: table[Self.gatewayKey] ?? [], dns: table[Self.dnsKey] ?? [], searchDomains: table[Self.searchKey] ?? [],
      routes: table.tables(Self.routeKeys.name, Self.routeKeys).compactMap { route in
        route[Self.routeToKey].map {
          Route(to: $0, via: route[Self.routeViaKey], metric: route[Self.routeMetricKey].map { UInt32($0) })
        }
      },
      mtu: table[Self.mtuKey], place: table.settings.place)
  }
}

extension EthernetSettings.Link {
  fileprivate init?(reading table: TableReader) {
    let name = table[EthernetSettings.interfaceKey]
    let bond = table.optionalTable(EthernetSettings.bondKeys)
    if let id = table[EthernetSettings.vlanKey] {
      guard let name else {
        table.fail("vlan", "needs interface, the one that the VLAN is on", at: table.settings.place)
        return nil
      }
      self = .vlan(id: id, parent: name, name: nil)
    } else if let bond {
      guard let name else {
        table.fail("bond", "needs interface, the bond's name, as in interface = \"bond0\"", at: table.settings.place)
        return nil
      }
      self = .bond(
        name: name, mode: bond[EthernetSettings.bondModeKey] ?? .activeBackup,
        members: bond[EthernetSettings.bondMembersKey] ?? [])
    } else {
      self = .port(name)
    }
  }
}

extension NetworkSettings {
  init(reading recipe: TableReader) {
    self.init(
      wlan: recipe.tableOrTables(WLANSettings.keys).compactMap { WLANSettings(reading: $0) },
      ethernet: recipe.tableOrTables(EthernetSettings.keys).compactMap { EthernetSettings(reading: $0) })
  }
}
