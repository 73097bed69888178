import Bytes
import FileTree
import Recipe
import TestSupport
import Testing

@testable import RaspberryPiOS

struct WLANTests {
  private let profiles: TreePath = "etc/NetworkManager/system-connections"

  @Test func `a network becomes a profile that only root may read`() throws {
    let stock = try StockTrees(network: .networkManager)
    let root = try stock.networked(wlan: [
      wlan("Deep Space 9") {
        $0.isHidden = true; $0.priority = 5; $0.band = .fiveGHz
      }
    ])
    let name = try #require(root.names(in: profiles).first)
    let inode = try #require(root.inode(at: profiles.appending(name)))
    #expect(inode.mode == 0o600 && inode.uid == 0 && inode.gid == 0)
    let text = try #require(try root.string(profiles.appending(name)))
    let uuid = try #require(text.split(separator: "\n").first { $0.hasPrefix("uuid=") })
    #expect("\(name)" == "wlan-Deep-Space-9-\(uuid.dropFirst(5).prefix(8)).nmconnection")
    #expect(
      text == """
        [connection]
        id=Deep Space 9
        \(uuid)
        type=wifi
        autoconnect-priority=5

        [wifi]
        mode=infrastructure
        ssid=Deep Space 9
        hidden=true
        band=a

        [wifi-security]
        key-mgmt=wpa-psk
        psk=secret of it

        [ipv4]
        method=auto

        [ipv6]
        addr-gen-mode=default
        method=auto

        """)
    #expect(
      try stock.networked(wlan: [wlan("plain")]).names(in: profiles).map { "\($0)" } == ["wlan-plain.nmconnection"])
  }

  @Test func `an image without wpa_supplicant is named`() throws {
    var stock = try StockTrees(network: .networkManager)
    let settings = NetworkSettings(wlan: [try wlan("a")])
    #expect(try stock.applying(settings, to: recipe()).warnings.isEmpty)
    try stock.root.removeIfPresent("usr/sbin/wpa_supplicant")
    #expect(try stock.applying(settings, to: recipe()).warnings.contains { $0.contains("no wpa_supplicant") })
  }

  @Test func `a file of the name that all may read is replaced`() throws {
    var stock = try StockTrees(network: .networkManager)
    try stock.put(profiles.appending(text: "wlan-plain.nmconnection"), "[connection]\n", mode: 0o644, uid: 1000)
    let root = try stock.networked(wlan: [wlan("plain")])
    let inode = try #require(root.inode(at: profiles.appending(text: "wlan-plain.nmconnection")))
    #expect(inode.mode == 0o600 && inode.uid == 0)
  }

  @Test(arguments: [Manager.networkManager, .netplan, .netplanWithManager, .dhcpcd])
  func `a second time changes nothing`(manager: Manager) throws {
    let settings = NetworkSettings(
      wlan: [try wlan("plain"), try wlan("a \"b\"")],
      ethernet: [ethernet(.manual, ["192.168.7.5/24"], gateways: ["192.168.7.1"])])
    let once = try StockTrees(network: manager).applying(settings, to: recipe()).trees
    let twice = try once.applying(settings, to: recipe()).trees
    #expect(try changes(from: once.root, to: twice.root).isEmpty)
  }

  @Test(arguments: [Manager.networkManager, .dhcpcd])
  func `the radio is let on, and bluetooth stays as it is`(manager: Manager) throws {
    var stock = try StockTrees(network: manager)
    try stock.put("etc/default/crda", "# Set REGDOMAIN\nREGDOMAIN=\n")
    let root = try stock.networked(wlan: [wlan("plain")])
    for chip in ["3f300000", "fe300000"] {
      let path = TreePath("var/lib/systemd/rfkill").appending(text: "platform-\(chip).mmcnr:wlan")
      #expect(try root.string(path) == "0\n")
    }
    #expect(try root.string("var/lib/systemd/rfkill/platform-soc:bluetooth") == "1\n")
    #expect(try root.string("etc/default/crda") == "# Set REGDOMAIN\nREGDOMAIN=AT\n")
    guard manager == .networkManager else { return }
    #expect(
      try root.string("var/lib/NetworkManager/NetworkManager.state")
        == "[main]\nNetworkingEnabled=true\nWirelessEnabled=true\n")
  }

  @Test(arguments: [
    ("[main]\n", "[main]\nWirelessEnabled=true\n"), ("", "[main]\nWirelessEnabled=true\n"),
    ("[main]\nWWANEnabled=true\n", "[main]\nWirelessEnabled=true\nWWANEnabled=true\n"),
  ])
  func `a state without the key gets it`(before: String, after: String) throws {
    var stock = try StockTrees(network: .networkManager)
    try stock.put("var/lib/NetworkManager/NetworkManager.state", before)
    let root = try stock.networked(wlan: [wlan("plain")])
    #expect(try root.string("var/lib/NetworkManager/NetworkManager.state") == after)
  }

  @Test func `the radio stays off where the recipe has no wlan`() throws {
    let root = try StockTrees(network: .networkManager).networked(ethernet: [ethernet(.auto)])
    #expect(try root.string("var/lib/NetworkManager/NetworkManager.state")?.contains("WirelessEnabled=false") == true)
  }

  @Test func `the country is said once, and by the image's own list`() throws {
    let stock = try StockTrees(network: .networkManager)
    let silent = try wlan("a") { $0.country = nil }
    #expect(try stock.refusal(wlan: [silent]).hasPrefix("nog.toml:7:1: [wlan] needs country"))
    #expect(try stock.refusal(wlan: [silent, wlan("b")]) == "nothing")
    #expect(NetworkSettings(wlan: [silent, try wlan("b")]).regulatoryParameter == "cfg80211.ieee80211_regdom=AT")
    let british = try wlan("c") { $0.country = CountryCode("uk") }
    #expect(try stock.refusal(wlan: [british]).hasSuffix("(did you mean \"GB\"?)"))
    let german = try wlan("d") { $0.country = CountryCode("DE") }
    #expect(try stock.refusal(wlan: [wlan("b"), german]).contains("another network of the node says \"AT\""))
    var told = stock
    try told.putBoot("cmdline.txt", "root=x cfg80211.ieee80211_regdom=GB rootwait\n")
    #expect(try told.refusal(wlan: [silent]) == "nothing")
  }

  @Test func `networks that cannot be are refused with their place`() throws {
    let stock = try StockTrees(network: .networkManager)
    #expect(try stock.refusal(wlan: [wlan("a"), wlan("a")]) == "nog.toml:7:1: [wlan] ssid = \"a\" is there twice")
    #expect(try stock.refusal(wlan: [wlan("a") { $0.priority = 1000 }]).contains("from -999 to 999"))
    let account = EnterpriseSettings(method: .peap(.init(phase2: .pap, password: Secret("hush"))), identity: "me")
    #expect(try stock.refusal(wlan: [wlan("a") { $0.security = .enterprise(account) }]).contains("phase2 = \"pap\""))
    #expect(try StockTrees(.bookworm).refusal(wlan: [wlan("a")]).contains("none of NetworkManager, netplan and dhcpcd"))
  }

  @Test func `an account warns of certificates that are not there, and of none`() throws {
    let stock = try StockTrees(network: .networkManager)
    let client = EnterpriseSettings.ClientCertificate(certificate: "/etc/ssl/me.pem", privateKey: "/etc/hosts")
    let account = EnterpriseSettings(method: .tls(client), identity: "me")
    let settings = NetworkSettings(wlan: [try wlan("a") { $0.security = .enterprise(account) }])
    let warnings = try stock.applying(settings, to: recipe()).warnings
    #expect(warnings.count == 2)
    #expect(warnings.contains { $0.contains("has /etc/ssl/me.pem") })
    #expect(warnings.contains { $0.contains("no ca_cert") })
    let placed = try recipe { $0.files = [file("/etc/ssl/me.pem", .content("x"))] }
    #expect(try stock.applying(settings, to: placed).warnings.count == 1)
  }

  @Test func `no message holds a secret`() throws {
    let secret = "hush\"hush#hush"
    let phrase = try passphrase(secret)
    let account = EnterpriseSettings(method: .ttls(.init(password: Secret(secret))), identity: "me")
    let odd = [
      try wlan("a\"#b", password: secret), try wlan("b") { $0.security = .sae(phrase) },
      try wlan("c") { $0.security = .enterprise(account) }, try wlan(bytes: [0xFF], password: secret),
      try wlan("d", password: secret) { $0.country = nil }, try wlan("e", password: secret) { $0.priority = 5000 },
    ]
    for manager in [Manager.networkManager, .netplan, .netplanWithManager, .dhcpcd] {
      let stock = try StockTrees(network: manager)
      for network in odd {
        #expect(try !stock.refusal(wlan: [network]).contains("hush"))
        let settings = NetworkSettings(wlan: [network])
        guard let warnings = try? stock.applying(settings, to: recipe()).warnings else { continue }
        #expect(!warnings.contains { $0.contains("hush") })
      }
    }
  }
}
