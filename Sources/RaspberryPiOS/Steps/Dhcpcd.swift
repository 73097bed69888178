import Bytes
import FileTree
import Recipe

// dhcpcd, which Raspberry Pi OS used to Bullseye: it configures all interfaces, and starts wpa_supplicant.
extension NodeSystem {
  private static let begin = "# Begin of what pibake wrote."
  private static let end = "# End of what pibake wrote."

  /// Writes wpa_supplicant's networks, and the addresses of the interfaces to /etc/dhcpcd.conf.
  mutating func writeDhcpcd(_ settings: NetworkSettings) throws(RaspberryPiOSError) {
    if !settings.wlan.isEmpty { try writeSupplicant(settings) }
    guard !settings.ethernet.isEmpty else { return }
    var file = try root.text(at: "etc/dhcpcd.conf") ?? TextFile()
    if let begin = file.firstIndex(where: { $0 == NodeSystem.begin }),
      let end = file.firstIndex(where: { $0 == NodeSystem.end }), begin < end
    {
      file.removeLines(Set(begin...end))
    }
    // What follows an interface line is that interface's, so all of it goes to the end.
    file.append(NodeSystem.begin)
    for interface in settings.ethernet {
      for line in try dhcpcdLines(interface) { file.append(line) }
    }
    file.append(NodeSystem.end)
    try root.write(file.bytes, to: "etc/dhcpcd.conf", time: time)
  }

  private mutating func writeSupplicant(_ settings: NetworkSettings) throws(RaspberryPiOSError) {
    let path: TreePath = "etc/wpa_supplicant/wpa_supplicant.conf"
    if let named = settings.wlan.first(where: { $0.interface.map { $0.description != "wlan0" } ?? false }) {
      warn("[wlan] ssid = \"\(named.ssid)\": interface is left out: the image's wpa_supplicant.conf is for all of them")
    }
    var file = SupplicantFile(try root.text(at: path))
    if let country = settings.country { file.set(country: country) }
    file.set(settings.wlan)
    try writePrivate(file.file.bytes, to: path)
  }

  private mutating func dhcpcdLines(_ interface: EthernetSettings) throws(RaspberryPiOSError) -> [String] {
    guard case .port(let name) = interface.link else {
      throw .recipe("[ethernet]: the image's dhcpcd makes no bonds and VLANs", place: interface.place)
    }
    let lacks = interface.gateways.contains { $0.family == .v6 } ? "gateway" : "routes"
    if interface.gateways.contains(where: { $0.family == .v6 })
      || interface.routes.contains(where: { $0.to.address.family == .v6 || $0.via == nil })
    {
      throw .recipe(
        "[ethernet] \(lacks): the image's dhcpcd takes IPv4 routers only; IPv6 ones announce themselves",
        place: interface.place)
    }
    if interface.routes.contains(where: { $0.metric != nil }) {
      warn("[ethernet] routes: metric is left out: the image's dhcpcd has one an interface")
    }
    var lines = ["interface \(name?.description ?? "eth0")"]
    if interface.method == .disabled { return lines + ["noipv4", "noipv6"] }
    lines += try dhcpcdAddresses(interface)
    let routers = interface.gateways.map { "\($0)" }
    if !routers.isEmpty { lines.append("static routers=\(routers.joined(separator: " "))") }
    if !interface.routes.isEmpty {
      // Where there are classless routes, dhcpcd takes no other's default (RFC 3442).
      let routes = routers.map { "0.0.0.0/0 \($0)" } + interface.routes.map { "\($0.to) \($0.via?.description ?? "")" }
      lines.append("static classless_static_routes=\(routes.joined(separator: " "))")
    }
    let servers = interface.dns.map { "\($0)" }
    if !servers.isEmpty { lines.append("static domain_name_servers=\(servers.joined(separator: " "))") }
    let domains = interface.searchDomains.map(\.description)
    if !domains.isEmpty { lines.append("static domain_search=\(domains.joined(separator: " "))") }
    if let mtu = interface.mtu { lines.append("static interface_mtu=\(mtu)") }
    return lines
  }

  private func dhcpcdAddresses(_ interface: EthernetSettings) throws(RaspberryPiOSError) -> [String] {
    let v4 = interface.addresses.filter { $0.address.family == .v4 }
    let v6 = interface.addresses.filter { $0.address.family == .v6 }
    guard v4.count <= 1, v6.count <= 1 else {
      throw .recipe("[ethernet] address: the image's dhcpcd takes one address a family", place: interface.place)
    }
    if interface.method == .auto, !v4.isEmpty {
      throw .recipe(
        "[ethernet] address with method = \"auto\": the image's dhcpcd takes a fixed IPv4 address instead of DHCP only",
        place: interface.place, hint: "method = \"manual\"")
    }
    var lines = v4.map { "static ip_address=\($0)" } + v6.map { "static ip6_address=\($0)" }
    if interface.method == .manual {
      if v4.isEmpty { lines.append("noipv4") }
      if !v6.isEmpty { lines.append("noipv6rs") }
    }
    return lines
  }
}
