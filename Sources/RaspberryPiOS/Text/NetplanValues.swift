import Recipe

// The parts of netplan's YAML that interfaces and networks are made of.
extension YAML {
  /// An interface with addresses of the network, for which no start waits.
  static let automatic: [(key: String, value: YAML)] = [
    ("dhcp4", .boolean(true)), ("dhcp6", .boolean(true)), ("optional", .boolean(true)),
  ]

  /// Where the addresses of `interface` come from, and all that goes with them.
  static func addresses(_ interface: EthernetSettings) -> [(key: String, value: YAML)] {
    let hasV6 = interface.addresses.contains { $0.address.family == .v6 }
    var entries: [(key: String, value: YAML)] = []
    switch interface.method {
    case .auto: entries = automatic
    case .manual:
      entries = [("dhcp4", .boolean(false)), ("dhcp6", .boolean(false)), ("optional", .boolean(true))]
      if hasV6 { entries.append(("accept-ra", .boolean(false))) }
    case .disabled:
      entries = [
        ("dhcp4", .boolean(false)), ("dhcp6", .boolean(false)), ("optional", .boolean(true)),
        ("accept-ra", .boolean(false)), ("link-local", .list([])),
      ]
    }
    if !interface.addresses.isEmpty {
      entries.append(("addresses", .list(interface.addresses.map { .string("\($0)") })))
    }
    var servers: [(key: String, value: YAML)] = []
    if !interface.dns.isEmpty { servers.append(("addresses", .list(interface.dns.map { .string("\($0)") }))) }
    if !interface.searchDomains.isEmpty {
      servers.append(("search", .list(interface.searchDomains.map { .string("\($0)") })))
    }
    if !servers.isEmpty { entries.append(("nameservers", .map(servers))) }
    let routes =
      interface.gateways.map { YAML(routeTo: $0.family == .v4 ? "0.0.0.0/0" : "::/0", via: $0) }
      + interface.routes.map { YAML(routeTo: "\($0.to)", via: $0.via, metric: $0.metric) }
    if !routes.isEmpty { entries.append(("routes", .list(routes))) }
    if let mtu = interface.mtu { entries.append(("mtu", .number(mtu))) }
    return entries
  }

  private init(routeTo destination: String, via: IPAddress?, metric: UInt32? = nil) {
    var entries: [(key: String, value: YAML)] = [("to", .string(destination))]
    if let via { entries.append(("via", .string("\(via)"))) } else { entries.append(("scope", .string("link"))) }
    if let metric { entries.append(("metric", .number(Int(metric)))) }
    self = .map(entries)
  }

  /// The entry of `access-points` for `network`.
  init(accessPoint network: WLANSettings, for renderer: NetworkStack.Renderer) {
    var entries: [(key: String, value: YAML)] = []
    if network.isHidden { entries.append(("hidden", .boolean(true))) }
    if let band = network.band { entries.append(("band", .string(band.rawValue))) }
    let auth = YAML.auth(network)
    if !auth.isEmpty { entries.append(("auth", .map(auth))) }
    if network.priority != 0, renderer == .networkManager {
      entries.append(
        (
          "networkmanager",
          .map([("passthrough", .map([("connection.autoconnect-priority", .string("\(network.priority)"))]))])
        ))
    }
    self = .map(entries)
  }

  private static func auth(_ network: WLANSettings) -> [(key: String, value: YAML)] {
    func auth(_ management: String, _ password: String) -> [(key: String, value: YAML)] {
      [("key-management", .string(management)), ("password", .string(password))]
    }
    switch network.security {
    case .open: return []
    case .wpaPSK(.preShared(let key)): return auth("psk", key.secret.exposed)
    case .wpaPSK(.passphrase(let phrase)):
      let text = phrase.secret.exposed
      return auth(
        "psk", SupplicantNetwork.isQuotable(text) ? text : phrase.preSharedKey(for: network.ssid).secret.exposed)
    // netplan's psk offers SAE too, from 0.107 on.
    case .wpaPSKOrSAE(let phrase): return auth("psk", phrase.secret.exposed)
    case .sae(let phrase): return auth("sae", phrase.secret.exposed)
    case .enterprise(let account): return self.account(account)
    }
  }

  private static func account(_ account: EnterpriseSettings) -> [(key: String, value: YAML)] {
    var entries: [(key: String, value: YAML)] = [
      ("key-management", .string("eap")), ("identity", .string(account.identity)),
    ]
    if let anonymous = account.anonymousIdentity { entries.append(("anonymous-identity", .string(anonymous))) }
    if let path = account.caCertificate { entries.append(("ca-certificate", .string(path))) }
    switch account.method {
    case .peap(let tunnel): entries += self.tunnel("peap", tunnel)
    case .ttls(let tunnel): entries += self.tunnel("ttls", tunnel)
    case .tls(let client):
      entries += [
        ("method", .string("tls")), ("client-certificate", .string(client.certificate)),
        ("client-key", .string(client.privateKey)),
      ]
      if let password = client.privateKeyPassword {
        entries.append(("client-key-password", .string(password.exposed)))
      }
    }
    return entries
  }

  private static func tunnel(
    _ method: String, _ tunnel: EnterpriseSettings.Tunnel
  ) -> [(key: String, value: YAML)] {
    [
      ("method", .string(method)), ("phase2-auth", .string(tunnel.phase2.rawValue.uppercased())),
      ("password", .string(tunnel.password.exposed)),
    ]
  }
}
