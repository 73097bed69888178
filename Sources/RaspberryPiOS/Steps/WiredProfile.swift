import Bytes
import Recipe

extension Keyfile {
  /// The profile of a wired interface.
  init(_ interface: EthernetSettings, id: String, uuid: UUID) {
    begin("connection")
    set("id", id)
    set("uuid", "\(uuid)")
    let type =
      switch interface.link {
      case .port: "ethernet"
      case .vlan: "vlan"
      case .bond: "bond"
      }
    set("type", type)
    if let name = interface.name { set("interface-name", "\(name)") }
    if let mtu = interface.mtu {
      begin("ethernet")
      set("mtu", "\(mtu)")
    }
    switch interface.link {
    case .port: break
    case .vlan(let id, let parent, _):
      begin("vlan")
      set("id", "\(id)")
      set("parent", "\(parent)")
    case .bond(_, let mode, _):
      begin("bond")
      set("mode", mode.rawValue)
    }
    begin("ipv4")
    addAddresses(interface, .v4)
    begin("ipv6")
    set("addr-gen-mode", "default")
    addAddresses(interface, .v6)
  }

  /// The profile of a port that belongs to the bond whose profile has the UUID `bond`.
  init(member: InterfaceName, of bond: UUID, id: String, uuid: UUID) {
    begin("connection")
    set("id", id)
    set("uuid", "\(uuid)")
    set("type", "ethernet")
    set("interface-name", "\(member)")
    set("master", "\(bond)")
    set("slave-type", "bond")
  }

  private mutating func addAddresses(_ interface: EthernetSettings, _ family: IPAddress.Family) {
    let addresses = interface.addresses.filter { $0.address.family == family }
    let method =
      switch interface.method {
      case .auto: "auto"
      case .disabled: "disabled"
      case .manual: !addresses.isEmpty ? "manual" : family == .v4 ? "disabled" : "auto"
      }
    set("method", method)
    for (index, address) in addresses.enumerated() { set("address\(index + 1)", "\(address)") }
    if let gateway = interface.gateways.first(where: { $0.family == family }) { set("gateway", "\(gateway)") }
    set("dns", list: interface.dns.filter { $0.family == family })
    if method != "disabled" { set("dns-search", list: interface.searchDomains) }
    for (index, route) in interface.routes.filter({ $0.to.address.family == family }).enumerated() {
      let parts = ["\(route.to)", route.via.map { "\($0)" } ?? "", route.metric.map { "\($0)" } ?? ""]
      let used = parts.lastIndex { !$0.isEmpty } ?? 0
      set("route\(index + 1)", parts[...used].joined(separator: ","))
    }
  }
}
