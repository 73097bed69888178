import Bytes
import Recipe

extension SSID {
  /// The name as text where nothing in it has a meaning to GLib, NetworkManager or a file system: letters, digits,
  /// inner blanks, `.`, `_` and `-`, with a letter first.
  var plainText: String? {
    guard let text, text.utf8.first.map({ ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7A }) == true, text.utf8.last != 0x20
    else { return nil }
    let isPlain = text.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x20, 0x2D, 0x2E, 0x5F: true
      default: false
      }
    }
    return isPlain ? text : nil
  }
}

extension Keyfile {
  /// The profile of a wireless network.
  init(_ network: WLANSettings, uuid: UUID) {
    begin("connection")
    set("id", network.ssid.text ?? "\(network.ssid)")
    set("uuid", "\(uuid)")
    set("type", "wifi")
    if let interface = network.interface { set("interface-name", "\(interface)") }
    if network.priority != 0 { set("autoconnect-priority", "\(network.priority)") }
    begin("wifi")
    set("mode", "infrastructure")
    // A list of bytes says any name, and cannot be taken for another.
    if let text = network.ssid.plainText { set("ssid", text) } else { set("ssid", list: network.ssid.bytes) }
    if network.isHidden { set("hidden", "true") }
    if let band = network.band { set("band", band == .twoPointFourGHz ? "bg" : "a") }
    addSecurity(network.security)
    begin("ipv4")
    set("method", "auto")
    begin("ipv6")
    set("addr-gen-mode", "default")
    set("method", "auto")
  }

  private mutating func addSecurity(_ security: WLANSettings.Security) {
    let (management, key): (String, Secret?)
    switch security {
    case .open: return
    case .wpaPSK(.passphrase(let phrase)): (management, key) = ("wpa-psk", phrase.secret)
    case .wpaPSK(.preShared(let shared)): (management, key) = ("wpa-psk", shared.secret)
    case .sae(let phrase): (management, key) = ("sae", phrase.secret)
    // NetworkManager's wpa-psk offers SAE too, where the driver has it.
    case .wpaPSKOrSAE(let phrase): (management, key) = ("wpa-psk", phrase.secret)
    case .enterprise: (management, key) = ("wpa-eap", nil)
    }
    begin("wifi-security")
    set("key-mgmt", management)
    if let key { set("psk", key.exposed) }
    if case .enterprise(let account) = security { addAccount(account) }
  }

  private mutating func addAccount(_ account: EnterpriseSettings) {
    begin("802-1x")
    set("identity", account.identity)
    if let anonymous = account.anonymousIdentity { set("anonymous-identity", anonymous) }
    // Without the scheme, what a path is taken for depends on its ending and on whether the file is there.
    if let path = account.caCertificate { set("ca-cert", "file://\(path)") }
    switch account.method {
    case .peap(let tunnel): addTunnel("peap", tunnel)
    case .ttls(let tunnel): addTunnel("ttls", tunnel)
    case .tls(let client):
      set("eap", list: ["tls"])
      set("client-cert", "file://\(client.certificate)")
      set("private-key", "file://\(client.privateKey)")
      // Flag 4: there is no password to ask for.
      if let password = client.privateKeyPassword {
        set("private-key-password", password.exposed)
      } else {
        set("private-key-password-flags", "4")
      }
    }
  }

  private mutating func addTunnel(_ method: String, _ tunnel: EnterpriseSettings.Tunnel) {
    set("eap", list: [method])
    set("phase2-auth", tunnel.phase2.rawValue)
    set("password", tunnel.password.exposed)
  }
}
