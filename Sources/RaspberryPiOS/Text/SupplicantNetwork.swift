import Bytes
import Recipe

/// A `network` block of wpa_supplicant.conf(5).
///
/// wpa_supplicant cuts a line at a `#` after its second quotation mark, even inside a string. It reads every string
/// but `psk` as hexadecimal digits too, so a string that it would cut is written in them.
struct SupplicantNetwork {
  /// The lines of the block, from `network={` to `}`.
  let lines: [String]

  /// The block of `network`.
  init(_ network: WLANSettings) {
    var lines = ["ssid=\(network.ssid.bytes.hex)"]
    if network.isHidden { lines.append("scan_ssid=1") }
    lines += SupplicantNetwork.security(network)
    if network.priority != 0 { lines.append("priority=\(network.priority)") }
    if let band = network.band {
      lines.append("freq_list=\(band.frequencies.map(String.init).joined(separator: " "))")
    }
    self.lines = ["network={"] + lines.map { "\t\($0)" } + ["}"]
  }

  private static func security(_ network: WLANSettings) -> [String] {
    switch network.security {
    case .open: ["key_mgmt=NONE"]
    case .wpaPSK(.preShared(let key)): ["key_mgmt=WPA-PSK", "psk=\(key.secret.exposed)"]
    case .wpaPSK(.passphrase(let phrase)): ["key_mgmt=WPA-PSK", psk(phrase, network.ssid)]
    case .sae(let phrase):
      // ieee80211w: WPA3 requires protected management frames.
      ["key_mgmt=SAE", "ieee80211w=2", "sae_password=\(string(phrase.secret.exposed))"]
    case .wpaPSKOrSAE(let phrase):
      [
        "key_mgmt=WPA-PSK SAE", "ieee80211w=1", psk(phrase, network.ssid),
        "sae_password=\(string(phrase.secret.exposed))",
      ]
    case .enterprise(let account): enterprise(account)
    }
  }

  private static func enterprise(_ account: EnterpriseSettings) -> [String] {
    var lines = ["key_mgmt=WPA-EAP", "identity=\(string(account.identity))"]
    if let anonymous = account.anonymousIdentity { lines.append("anonymous_identity=\(string(anonymous))") }
    if let path = account.caCertificate { lines.append("ca_cert=\(string(path))") }
    switch account.method {
    case .peap(let tunnel): lines += ["eap=PEAP"] + self.tunnel(tunnel)
    case .ttls(let tunnel): lines += ["eap=TTLS"] + self.tunnel(tunnel)
    case .tls(let client):
      lines += [
        "eap=TLS", "client_cert=\(string(client.certificate))", "private_key=\(string(client.privateKey))",
      ]
      if let password = client.privateKeyPassword { lines.append("private_key_passwd=\(string(password.exposed))") }
    }
    return lines
  }

  private static func tunnel(_ tunnel: EnterpriseSettings.Tunnel) -> [String] {
    ["password=\(string(tunnel.password.exposed))", "phase2=\"auth=\(tunnel.phase2.rawValue.uppercased())\""]
  }

  /// A quoted passphrase, or the key derived from it if the line would be cut.
  private static func psk(_ phrase: Passphrase, _ ssid: SSID) -> String {
    let text = phrase.secret.exposed
    return isQuotable(text) ? "psk=\"\(text)\"" : "psk=\(phrase.preSharedKey(for: ssid).secret.exposed)"
  }

  private static func string(_ text: String) -> String { isQuotable(text) ? "\"\(text)\"" : Array(text.utf8).hex }

  /// Whether wpa_supplicant reads the quoted `text` back: it holds no `#` after a quotation mark and no control
  /// characters.
  static func isQuotable(_ text: String) -> Bool {
    text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F } && !text.utf8.drop { $0 != 0x22 }.contains(0x23)
  }
}

extension WLANSettings.Band {
  /// The centres of the channels, in MHz.
  fileprivate var frequencies: [Int] {
    switch self {
    case .twoPointFourGHz: Array(stride(from: 2412, through: 2472, by: 5)) + [2484]
    case .fiveGHz:
      Array(stride(from: 5180, through: 5320, by: 20)) + Array(stride(from: 5500, through: 5720, by: 20))
        + Array(stride(from: 5745, through: 5885, by: 20))
    }
  }
}
