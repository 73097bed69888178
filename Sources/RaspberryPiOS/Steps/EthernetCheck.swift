import Recipe

/// The checks of one interface's settings that need nothing else.
struct EthernetCheck {
  private let interface: EthernetSettings

  init(_ interface: EthernetSettings) { self.interface = interface }

  /// Throws `.recipe` for the first setting that is wrong.
  func run() throws(RaspberryPiOSError) {
    try checkLink()
    try checkMethod()
    for address in interface.addresses where !address.isHost {
      let isNet = address.isNetwork && address.address.isHost
      throw error(
        "address = \"\(address)\": expected the address of a host",
        hint: isNet ? "that is the network's own; a host of it has other last bits" : nil)
    }
    guard Set(interface.addresses).count == interface.addresses.count else { throw error("an address is there twice") }
    try checkGateways()
    try checkRoutes()
    for server in interface.dns { try checkFamily(of: server, key: "dns") }
  }

  private func checkLink() throws(RaspberryPiOSError) {
    if let mtu = interface.mtu, !(576...65535).contains(mtu) {
      throw error("mtu = \(mtu): expected a number from 576 to 65535")
    }
    switch interface.link {
    case .port: return
    case .vlan(let id, let parent, _):
      guard (1...4094).contains(id) else { throw error("vlan = \(id): expected a number from 1 to 4094") }
      guard interface.name != nil else {
        throw error("the VLAN's name would be \(parent).\(id), and names have 15 characters at most")
      }
    case .bond(let name, _, let members):
      guard !members.isEmpty else { throw error("the bond \(name) has no members") }
    }
  }

  private func checkMethod() throws(RaspberryPiOSError) {
    switch interface.method {
    case .auto: return
    case .manual:
      if interface.addresses.isEmpty { throw error("method = \"manual\" needs addresses") }
    case .disabled:
      let isBare =
        interface.addresses.isEmpty && interface.gateways.isEmpty && interface.dns.isEmpty && interface.routes.isEmpty
        && interface.searchDomains.isEmpty
      if !isBare { throw error("method = \"disabled\" leaves no use for addresses, gateway, dns and routes") }
    }
  }

  private func checkGateways() throws(RaspberryPiOSError) {
    guard Set(interface.gateways.map(\.family)).count == interface.gateways.count else {
      throw error("more than one gateway of one family")
    }
    for gateway in interface.gateways {
      guard gateway.isHost, !interface.addresses.contains(where: { $0.address == gateway }) else {
        throw error("gateway = \"\(gateway)\": expected the address of another host")
      }
      let isReachable = gateway.isLinkLocal && interface.addresses.contains { $0.address.family == .v6 }
      guard isReachable || interface.addresses.contains(where: { $0.contains(gateway) }) else {
        throw error(
          "gateway = \"\(gateway)\": it is in the network of none of the addresses",
          hint: interface.method == .auto ? "with method = \"auto\", the network says the gateway" : nil)
      }
    }
  }

  private func checkRoutes() throws(RaspberryPiOSError) {
    for route in interface.routes {
      guard route.to.isNetwork else {
        throw error("routes: \"\(route.to)\" is no network: it has bits after the prefix")
      }
      if let via = route.via, via.family != route.to.address.family || !via.isHost {
        throw error("routes: \(route.to) is not reached via \(via)")
      }
      try checkFamily(of: route.to.address, key: "routes")
    }
  }

  /// With method = "manual" and no IPv4 address, there is no IPv4.
  private func checkFamily(of address: IPAddress, key: String) throws(RaspberryPiOSError) {
    guard interface.method == .manual, address.family == .v4 else { return }
    guard interface.addresses.contains(where: { $0.address.family == .v4 }) else {
      throw error("\(key): \(address) is IPv4, of which the interface has no address")
    }
  }

  private func error(_ text: String, hint: String? = nil) -> RaspberryPiOSError {
    let name = interface.name.map { " interface = \"\($0)\":" } ?? ""
    return .recipe("[ethernet]\(name) \(text)", place: interface.place, hint: hint)
  }
}
