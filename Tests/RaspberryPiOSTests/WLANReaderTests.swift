import Bytes
import FileTree
import Recipe
import SystemPackage
import TestSupport
import Testing

@testable import RaspberryPiOS

/// What the programs of a node read out of the files of wireless networks.
struct WLANReaderTests {
  /// A network of each odd name, each with the next of the odd passphrases.
  private static func oddNetworks(where isMeant: ([UInt8]) -> Bool = { _ in true }) throws -> [(WLANSettings, String)] {
    try (oddNames + randomNames).filter(isMeant).enumerated().map { index, name in
      let password = oddPasswords[index % oddPasswords.count]
      return (try wlan(bytes: name, password: password), password)
    }
  }

  private static func accounts() throws -> [(ssid: String, account: EnterpriseSettings)] {
    let client = EnterpriseSettings.ClientCertificate(
      certificate: "/etc/ssl/my cert%20.pem", privateKey: "/etc/ssl/key", privateKeyPassword: Secret(" open\\sesame "))
    let bare = EnterpriseSettings.ClientCertificate(certificate: "/etc/ssl/c.pem", privateKey: "/etc/ssl/k.pem")
    return [
      (
        "peap",
        EnterpriseSettings(
          method: .peap(.init(password: Secret(" pass\\word=# "))), identity: "jürgen@example.org",
          anonymousIdentity: "anonymous@example.org", caCertificate: "/etc/ssl/ca;1.pem")
      ),
      ("ttls", EnterpriseSettings(method: .ttls(.init(phase2: .pap, password: Secret("p"))), identity: " me ")),
      ("tls", EnterpriseSettings(method: .tls(client), identity: "host/nog", caCertificate: "/etc/ssl/ca.pem")),
      ("bare", EnterpriseSettings(method: .tls(bare), identity: "host/nog")),
    ]
  }

  @Test(.enabled(if: NetworkReaders.hasLibnm, "gir1.2-nm-1.0 or python3-gi is missing"))
  func `NetworkManager reads odd names and passphrases as they are`() async throws {
    let networks = try Self.oddNetworks()
    let root = try StockTrees(network: .networkManager).networked(wlan: networks.map(\.0))
    let profiles = try await NetworkReaders.profiles(in: root)
    #expect(profiles.count == networks.count)
    var uuids: Set<String> = []
    for (network, password) in networks {
      let profile = profiles.values.first { $0.bytes("802-11-wireless.ssid") == network.ssid.bytes }
      #expect(profile?.text("802-11-wireless-security.psk") == password, "\(network.ssid)")
      #expect(profile?.text("802-11-wireless-security.key-mgmt") == "wpa-psk")
      #expect(profile?["802-11-wireless-security.psk-flags"] == nil)
      #expect(profile?.text("connection.id") == network.ssid.text ?? "\(network.ssid)")
      #expect(profile?["connection.interface-name"] == nil)
      uuids.insert(profile?.text("connection.uuid") ?? "")
    }
    #expect(uuids.count == networks.count)
  }

  @Test(.enabled(if: NetworkReaders.hasLibnm, "gir1.2-nm-1.0 or python3-gi is missing"))
  func `NetworkManager reads every passphrase as it is`() async throws {
    let networks = try oddPasswords.enumerated().map { try wlan("net\($0)", password: $1) }
    let root = try StockTrees(network: .networkManager).networked(wlan: networks)
    let profiles = try await NetworkReaders.profiles(in: root)
    for (index, password) in oddPasswords.enumerated() {
      #expect(profiles["wlan-net\(index).nmconnection"]?.text("802-11-wireless-security.psk") == password)
    }
  }

  @Test(.enabled(if: NetworkReaders.hasLibnm, "gir1.2-nm-1.0 or python3-gi is missing"))
  func `NetworkManager takes every way to join`() async throws {
    let phrase = try passphrase("secret of it")
    let key = try #require(PreSharedKey(Secret(String(repeating: "AB", count: 32))))
    var networks = [
      try wlan("open") { $0.security = .open }, try wlan("key") { $0.security = .wpaPSK(.preShared(key)) },
      try wlan("sae") { $0.security = .sae(phrase) }, try wlan("both") { $0.security = .wpaPSKOrSAE(phrase) },
      try wlan("named") { $0.interface = InterfaceName("wlan1") },
    ]
    for (name, account) in try Self.accounts() {
      networks.append(try wlan(name) { $0.security = .enterprise(account) })
    }
    let root = try StockTrees(network: .networkManager).networked(wlan: networks)
    let profiles = try await NetworkReaders.profiles(in: root)
    func value(_ name: String, _ key: String) -> String? { profiles["wlan-\(name).nmconnection"]?.text(key) }
    #expect(profiles["wlan-open.nmconnection"]?["802-11-wireless.security"] == nil)
    #expect(value("key", "802-11-wireless-security.psk") == String(repeating: "ab", count: 32))
    #expect(value("sae", "802-11-wireless-security.key-mgmt") == "sae")
    #expect(value("both", "802-11-wireless-security.key-mgmt") == "wpa-psk")
    #expect(value("named", "connection.interface-name") == "wlan1")
    #expect(value("peap", "802-1x.identity") == "jürgen@example.org")
    #expect(value("peap", "802-1x.anonymous-identity") == "anonymous@example.org")
    #expect(value("peap", "802-1x.password") == " pass\\word=# ")
    #expect(value("peap", "802-1x.phase2-auth") == "mschapv2")
    #expect(value("peap", "802-1x.ca-cert") == "file:///etc/ssl/ca;1.pem\0")
    #expect(value("ttls", "802-1x.identity") == " me ")
    #expect(profiles["wlan-ttls.nmconnection"]?["802-1x.eap"] == "['ttls']")
    #expect(value("tls", "802-1x.client-cert") == "file:///etc/ssl/my cert%20.pem\0")
    #expect(value("tls", "802-1x.private-key") == "file:///etc/ssl/key\0")
    #expect(value("tls", "802-1x.private-key-password") == " open\\sesame ")
    #expect(profiles["wlan-bare.nmconnection"]?["802-1x.private-key-password-flags"] == "4")
  }

  @Test(.enabled(if: NetworkReaders.hasSupplicant, "wpa_supplicant or python3 is missing"))
  func `wpa_supplicant reads odd names and passphrases as they are`() async throws {
    let named = try Self.oddNetworks()
    let further = try oddPasswords.enumerated().map { (try wlan("net\($0)", password: $1), $1) }
    let root = try StockTrees(network: .dhcpcd).networked(wlan: (named + further).map(\.0))
    let path: TreePath = "etc/wpa_supplicant/wpa_supplicant.conf"
    #expect(root.inode(at: path)?.mode == 0o600)
    let (global, networks) = try await NetworkReaders.supplicant(try #require(try root.string(path)))
    #expect(global["country"] == "AT")
    #expect(global["update_config"] == "1")
    #expect(networks.count == named.count + further.count)
    for ((network, password), read) in zip(named + further, networks) {
      #expect(read.bytes("ssid") == network.ssid.bytes)
      let key = try passphrase(password).preSharedKey(for: network.ssid).secret.exposed
      #expect((read["PSK (from passphrase)"] ?? read["PSK"]) == "x\(key)", "\(network.ssid)")
      if let text = read.text("PSK (ASCII passphrase)") { #expect(text == password) }
    }
  }

  @Test(.enabled(if: NetworkReaders.hasSupplicant, "wpa_supplicant or python3 is missing"))
  func `wpa_supplicant takes every way to join, in place of what was there`() async throws {
    let phrase = try passphrase("\"# breaks out")
    let key = try #require(PreSharedKey(Secret(String(repeating: "AB", count: 32))))
    var networks = [
      try wlan("open") {
        $0.security = .open; $0.isHidden = true; $0.priority = 7; $0.band = .twoPointFourGHz
      },
      try wlan("key") { $0.security = .wpaPSK(.preShared(key)) },
      try wlan("sae") { $0.security = .sae(phrase) }, try wlan("both") { $0.security = .wpaPSKOrSAE(phrase) },
    ]
    for (name, account) in try Self.accounts() {
      networks.append(try wlan(name) { $0.security = .enterprise(account) })
    }
    var stock = try StockTrees(network: .dhcpcd)
    let path: TreePath = "etc/wpa_supplicant/wpa_supplicant.conf"
    try stock.put(
      path,
      "country=GB\nap_scan=1\n\nnetwork={\n\tssid=\"sae\"\n\tkey_mgmt=NONE\n}\nnetwork={\n\tssid=\"other\"\n"
        + "\tkey_mgmt=NONE\n}\nnetwork={\n\tssid=6f70656e\n\tpsk=\"an older one\"\n}\n", mode: 0o644)
    let root = try stock.networked(wlan: networks)
    #expect(root.inode(at: path)?.mode == 0o600)
    let (global, read) = try await NetworkReaders.supplicant(try #require(try root.string(path)))
    #expect(global["country"] == "AT" && global["ap_scan"] == "1")
    #expect(
      read.map { $0.text("ssid") ?? "" } == ["other", "open", "key", "sae", "both", "peap", "ttls", "tls", "bare"])
    func network(_ name: String) throws -> ReadValues { try #require(read.first { $0.text("ssid") == name }) }
    #expect(try network("open")["key_mgmt"] == "0x4")
    #expect(try network("open")["scan_ssid"] == "1" && network("open")["priority"] == "7")
    #expect(try network("key")["PSK"] == "x" + String(repeating: "ab", count: 32))
    #expect(try network("sae").text("sae_password") == "\"# breaks out")
    #expect(try network("sae")["ieee80211w"] == "2" && network("sae")["key_mgmt"] == "0x400")
    #expect(try network("both").text("sae_password") == "\"# breaks out")
    #expect(try network("both")["key_mgmt"] == "0x402")
    #expect(try network("peap").text("identity") == "jürgen@example.org")
    #expect(try network("peap").text("password") == " pass\\word=# ")
    #expect(try network("peap").text("ca_cert") == "/etc/ssl/ca;1.pem")
    #expect(try network("peap").text("phase2") == "auth=MSCHAPV2")
    #expect(try network("ttls").text("identity") == " me ")
    #expect(try network("tls").text("private_key_passwd") == " open\\sesame ")
  }

  @Test(
    .enabled(
      if: NetworkReaders.hasNetplan && NetworkReaders.hasSupplicant, "netplan, wpa_supplicant or python3 is missing"))
  func `netplan carries odd names and passphrases to wpa_supplicant`() async throws {
    let isCarried = { (name: [UInt8]) in
      SSID(name)?.text.map { SupplicantNetwork.isQuotable($0) } == true
    }
    let networks = try Self.oddNetworks(where: isCarried)
    let root = try StockTrees(network: .netplan).networked(wlan: networks.map(\.0))
    #expect(root.inode(at: "etc/netplan/60-pibake.yaml")?.mode == 0o600)
    let folder = try await NetworkReaders.netplan(root)
    let read = try await NetworkReaders.supplicant(try await folder.text("run/netplan/wpa-wlan0.conf")).networks
    #expect(read.count == networks.count)
    for (network, password) in networks {
      let key = try passphrase(password).preSharedKey(for: network.ssid).secret.exposed
      let values = read.first { $0.bytes("ssid") == network.ssid.bytes }
      #expect((values?["PSK (from passphrase)"] ?? values?["PSK"]) == "x\(key)", "\(network.ssid)")
    }
  }

  @Test(
    .enabled(
      if: NetworkReaders.hasNetplan && NetworkReaders.hasLibnm, "netplan, gir1.2-nm-1.0 or python3-gi is missing"))
  func `netplan carries odd names and passphrases to NetworkManager`() async throws {
    var networks = try Self.oddNetworks(where: { SSID($0)?.text.map { !SSID.isMistaken($0) } == true })
    networks[0].0.priority = 12
    let root = try StockTrees(network: .netplanWithManager).networked(wlan: networks.map(\.0))
    let folder = try await NetworkReaders.netplan(root)
    let made = "run/NetworkManager/system-connections"
    let paths = try await folder.names(in: made).map { folder.appending("\(made)/\($0)") }
    let profiles = try await NetworkReaders.profiles(paths: paths)
    for (network, password) in networks {
      let profile = profiles.values.first { $0.bytes("802-11-wireless.ssid") == network.ssid.bytes }
      let key = try passphrase(password).preSharedKey(for: network.ssid).secret.exposed
      let psk = profile?.text("802-11-wireless-security.psk")
      #expect(psk == password || psk == key, "\(network.ssid)")
      #expect(profile?["connection.autoconnect-priority"] == (network.priority == 12 ? "12" : nil))
    }
  }
}
