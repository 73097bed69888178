import Bytes
import FileTree
import Recipe

// netplan generates files of networkd or NetworkManager from its YAML (netplan-yaml(5)).
extension NodeSystem {
  /// Writes /etc/netplan/60-pibake.yaml, for nobody but root to read.
  ///
  /// If the recipe has no [ethernet], the wired port uses DHCP, as in the seed of Ubuntu's images, which cloud-init no
  /// longer applies.
  mutating func writeNetplan(
    _ settings: NetworkSettings, for renderer: NetworkStack.Renderer
  ) throws(RaspberryPiOSError) {
    try checkNetplan(settings, for: renderer)
    let wired = settings.ethernet.isEmpty ? [EthernetSettings()] : settings.ethernet
    // Without it, networkd drops the address over which the kernel mounted the root.
    let port: [(key: String, value: YAML)] =
      topology.hasRootDisk || renderer == .networkManager ? [] : [("critical", .boolean(true))]
    var network: [(key: String, value: YAML)] = [("version", .number(2)), ("renderer", .string(renderer.rawValue))]
    network += NodeSystem.netplanLinks(wired, portsHave: port)
    if !settings.wlan.isEmpty {
      network.append(("wifis", .map(NodeSystem.netplanInterfaces(settings.wlan, for: renderer))))
    }
    let document = YAML.map([("network", .map(network))]).document
    try writePrivate(Array("# Written by pibake.\n\(document)".utf8), to: "etc/netplan/60-pibake.yaml")
  }

  /// Refuses networks that netplan cannot express: netplan and wpa_supplicant reject a whole file for one bad value.
  private mutating func checkNetplan(
    _ settings: NetworkSettings, for renderer: NetworkStack.Renderer
  ) throws(RaspberryPiOSError) {
    for network in settings.wlan {
      let subject = "[wlan] ssid = \"\(network.ssid)\""
      guard let name = network.ssid.text else {
        throw .recipe("\(subject): the image's netplan takes names of UTF-8 text only", place: network.place)
      }
      if case .sae = network.security, try !netplanKnowsSAE() {
        throw .recipe(
          "\(subject): the image's netplan does not know key_mgmt = \"sae\", which needs 0.107", place: network.place)
      }
      guard renderer == .networkd else {
        if SSID.isMistaken(name) {
          throw .recipe(
            "\(subject): the image's netplan cannot say this name to NetworkManager, which takes it for another",
            place: network.place)
        }
        continue
      }
      // netplan copies them into wpa_supplicant's file without escapes.
      for text in [name] + network.security.texts where !SupplicantNetwork.isQuotable(text) {
        throw .recipe(
          "\(subject): the image's netplan cannot say a name, password or identity with a \" and a # after it",
          place: network.place)
      }
      if network.priority != 0 {
        warn("\(subject): priority is left out: the image's netplan has none")
      }
    }
  }

  private func netplanKnowsSAE() throws(RaspberryPiOSError) -> Bool {
    guard let bytes = try root.bytes(at: "var/lib/dpkg/status"),
      let version = DpkgStatus(bytes).version(of: "netplan.io")
    else { return false }
    let numbers = version.split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
    return numbers.count == 2 && (numbers[0] > 0 || numbers[1] >= 107)
  }

  private static func netplanInterfaces(
    _ networks: [WLANSettings], for renderer: NetworkStack.Renderer
  ) -> [(key: String, value: YAML)] {
    var names: [String] = []
    for network in networks {
      let name = network.interface?.description ?? "wlan0"
      if !names.contains(name) { names.append(name) }
    }
    return names.map { name in
      let points = networks.filter { ($0.interface?.description ?? "wlan0") == name }.map { network in
        (key: network.ssid.text ?? "", value: YAML(accessPoint: network, for: renderer))
      }
      return (name, .map(YAML.automatic + [("access-points", .map(points))]))
    }
  }

  private static func netplanLinks(
    _ wired: [EthernetSettings], portsHave further: [(key: String, value: YAML)]
  ) -> [(key: String, value: YAML)] {
    var ports: [(key: String, value: YAML)] = []
    var vlans: [(key: String, value: YAML)] = []
    var bonds: [(key: String, value: YAML)] = []
    for interface in wired {
      let addresses = YAML.addresses(interface)
      switch interface.link {
      case .port(let name?): ports.append((name.description, .map(addresses + further)))
      case .port(nil):
        // eth0, or end0 if systemd names interfaces after the device tree.
        ports.append(("pibake-port", .map([("match", .map([("name", .string("e[nt][dh]0"))]))] + addresses + further)))
      case .vlan(let id, let parent, _):
        let link: [(key: String, value: YAML)] = [("id", .number(id)), ("link", .string("\(parent)"))]
        vlans.append((interface.name?.description ?? "", .map(link + addresses)))
      case .bond(let name, let mode, let members):
        let link: [(key: String, value: YAML)] = [
          ("interfaces", .list(members.map { .string("\($0)") })),
          ("parameters", .map([("mode", .string(mode.rawValue))])),
        ]
        bonds.append((name.description, .map(link + addresses)))
        for member in members { ports.append((member.description, .map([("optional", .boolean(true))]))) }
      }
    }
    // netplan requires a definition of every link. One that the recipe does not mention uses DHCP.
    for case .vlan(_, let parent, _) in wired.map(\.link)
    where !(ports + vlans + bonds).contains(where: { $0.key == parent.description }) {
      ports.append((parent.description, .map(YAML.automatic + further)))
    }
    return [("ethernets", ports), ("bonds", bonds), ("vlans", vlans)].filter { !$0.1.isEmpty }.map {
      ($0.0, .map($0.1))
    }
  }
}

extension SSID {
  /// Whether NetworkManager reads another name than netplan means: netplan escapes no semicolons, so NetworkManager
  /// takes `\;` for a semicolon, and numbers with semicolons for a list of bytes.
  static func isMistaken(_ name: String) -> Bool {
    let isList = name.contains(";") && name.utf8.allSatisfy { "0123456789; \t".utf8.contains($0) }
    return name.contains("\\;") || isList && name.contains(where: \.isNumber)
  }
}

extension WLANSettings.Security {
  /// The texts that must be quoted. A passphrase of WPA2 need not be: its key can stand for it.
  fileprivate var texts: [String] {
    switch self {
    case .open, .wpaPSK: []
    case .sae(let phrase), .wpaPSKOrSAE(let phrase): [phrase.secret.exposed]
    case .enterprise(let account):
      [account.identity, account.anonymousIdentity ?? "", account.caCertificate ?? ""]
        + {
          switch account.method {
          case .peap(let tunnel), .ttls(let tunnel): [tunnel.password.exposed]
          case .tls(let client):
            [client.certificate, client.privateKey, client.privateKeyPassword?.exposed ?? ""]
          }
        }()
    }
  }
}
