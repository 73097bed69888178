/// `[ethernet]` or one of `[[ethernet]]`: a wired interface and its addresses.
package struct EthernetSettings: Sendable {
  /// What the interface is.
  package enum Link: Sendable, Hashable {
    /// A port; nil: the wired one, whatever its name is.
    case port(InterfaceName?)
    /// A virtual LAN (IEEE 802.1Q) on the interface `parent`; without a name, it is called `eth0.10`.
    case vlan(id: Int, parent: InterfaceName, name: InterfaceName?)
    /// Several ports as one.
    case bond(name: InterfaceName, mode: BondMode, members: [InterfaceName])
  }
  /// How the ports of a bond share the traffic, in the kernel's words.
  package enum BondMode: String, Sendable, CaseIterable {
    case roundRobin = "balance-rr"
    case activeBackup = "active-backup"
    case xor = "balance-xor"
    case broadcast
    case lacp = "802.3ad"
    case adaptiveTransmit = "balance-tlb"
    case adaptive = "balance-alb"
  }
  /// Where addresses come from.
  package enum Method: String, Sendable, CaseIterable {
    /// DHCP and router advertisements, and those of the recipe in addition.
    case auto
    /// The recipe. Without an IPv4 address in it, IPv4 is off; without an IPv6 address, router advertisements apply.
    case manual
    /// None: the interface has no addresses.
    case disabled
  }
  /// A static route.
  package struct Route: Sendable, Hashable {
    /// The destination.
    package var to: NetworkAddress
    /// The router; nil: the destination is on the link.
    package var via: IPAddress?
    /// The preference, lowest first; nil: the network manager's default.
    package var metric: UInt32?

    /// A route to `to`.
    package init(to: NetworkAddress, via: IPAddress? = nil, metric: UInt32? = nil) {
      self.to = to
      self.via = via
      self.metric = metric
    }
  }
  /// What the interface is.
  package var link: Link
  /// Where addresses come from.
  package var method: Method
  /// Addresses of the interface.
  package var addresses: [NetworkAddress]
  /// The default routers, one a family.
  package var gateways: [IPAddress]
  /// The servers that resolve names.
  package var dns: [IPAddress]
  /// The domains in which short names are looked up.
  package var searchDomains: [SearchDomain]
  /// Static routes.
  package var routes: [Route]
  /// The largest packet, in bytes; nil: as the driver has it.
  package var mtu: Int?
  /// Where the recipe says so, for errors that only the image can tell.
  package var place: RecipePlace?

  /// An interface; what is not given has the default of its property.
  package init(
    link: Link = .port(nil), method: Method = .auto, addresses: [NetworkAddress] = [], gateways: [IPAddress] = [],
    dns: [IPAddress] = [], searchDomains: [SearchDomain] = [], routes: [Route] = [], mtu: Int? = nil,
    place: RecipePlace? = nil
  ) {
    self.link = link
    self.method = method
    self.addresses = addresses
    self.gateways = gateways
    self.dns = dns
    self.searchDomains = searchDomains
    self.routes = routes
    self.mtu = mtu
    self.place = place
  }
}

extension EthernetSettings {
  /// The name of the interface; nil for a port that is not named, and a VLAN whose own name would be too long.
  package var name: InterfaceName? {
    switch link {
    case .port(let name): name
    case .vlan(let id, let parent, let name): name ?? InterfaceName("\(parent).\(id)")
    case .bond(let name, _, _): name
    }
  }
}
