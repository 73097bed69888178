import Bytes
import FileTree
import Recipe
import TestSupport
import Testing

@testable import RaspberryPiOS

struct NetplanTests {
  private let file: TreePath = "etc/netplan/60-pibake.yaml"
  private let profiles: TreePath = "etc/NetworkManager/system-connections"

  @Test func `a recipe that says only a wireless network leaves the port to DHCP`() throws {
    let root = try StockTrees(network: .netplan).networked(wlan: [wlan("a \"b\" 😀") { $0.isHidden = true }])
    #expect(
      try root.string(file) == """
        # Written by pibake.
        network:
          version: 2
          renderer: "networkd"
          ethernets:
            pibake-port:
              match:
                name: "e[nt][dh]0"
              dhcp4: true
              dhcp6: true
              optional: true
          wifis:
            wlan0:
              dhcp4: true
              dhcp6: true
              optional: true
              access-points:
                "a \\"b\\" 😀":
                  hidden: true
                  auth:
                    key-management: "psk"
                    password: "secret of it"

        """)
  }

  @Test func `cloud-init leaves the network alone, and what it wrote goes`() throws {
    var stock = try StockTrees(network: .netplan)
    try stock.put("etc/netplan/50-cloud-init.yaml", "network:\n  ethernets: {}\n", mode: 0o600)
    let (trees, warnings) = try stock.applying(NetworkSettings(wlan: [wlan("a")]), to: recipe())
    #expect(!trees.root.has("etc/netplan/50-cloud-init.yaml"))
    #expect(warnings.contains { $0.contains("/etc/netplan/50-cloud-init.yaml is removed") })
    let text = try trees.root.string("etc/cloud/cloud.cfg.d/99_zz_pibake_network.cfg")
    #expect(text?.hasSuffix("network:\n  config: disabled\n") == true)
    #expect(try stock.networked().has("etc/netplan/50-cloud-init.yaml"))
  }

  @Test func `a seed with a network is named as left out`() throws {
    var stock = try StockTrees(.trixie)
    try stock.putBoot("network-config", "network:\n  version: 2\n")
    let (_, before) = try stock.applying(recipe())
    #expect(before.contains { $0.description.contains("network-config is not empty: cloud-init applies it") })
    try stock.put(NodeSystem.seededNetworkSwitch, "network:\n  config: disabled\n")
    let (_, after) = try stock.applying(recipe())
    #expect(after.contains { $0.description.contains("network-config is not empty: cloud-init leaves it out") })
    #expect(!after.contains { $0.description.contains("applies it") })
  }

  @Test func `who configures the network is seen in the tree`() throws {
    #expect(try NetworkStack.of(StockTrees(network: .networkManager).root) == .networkManager)
    #expect(try NetworkStack.of(StockTrees(network: .netplan).root) == .netplan(.networkd))
    #expect(try NetworkStack.of(StockTrees(network: .netplanWithManager).root) == .netplan(.networkManager))
    #expect(try NetworkStack.of(StockTrees(network: .dhcpcd).root) == .dhcpcd)
    #expect(try NetworkStack.of(StockTrees(.bookworm).root) == nil)
    // dhcpcd's program without its service, as initramfs-tools brings it.
    var trixie = try StockTrees(network: .networkManager)
    try trixie.put("usr/sbin/dhcpcd", "\u{7f}ELF", mode: 0o755)
    #expect(try NetworkStack.of(trixie.root) == .networkManager)
    // Bullseye with NetworkManager installed beside dhcpcd.
    var both = try StockTrees(network: .dhcpcd)
    try both.put("usr/sbin/NetworkManager", "\u{7f}ELF", mode: 0o755)
    #expect(try NetworkStack.of(both.root) == .dhcpcd)
    try both.link(
      "etc/systemd/system/multi-user.target.wants/NetworkManager.service",
      "/lib/systemd/system/NetworkManager.service")
    #expect(try NetworkStack.of(both.root) == .networkManager)
  }

  @Test func `Trixie's NetworkManager gets profiles unless netplan describes interfaces`() throws {
    var stock = try StockTrees(network: .networkManager)
    try stock.put("usr/sbin/netplan", "#!/usr/bin/python3\n", mode: 0o755)
    try stock.put("usr/lib/netplan/00-network-manager-all.yaml", "network:\n  renderer: NetworkManager\n")
    try stock.put("etc/netplan/50-cloud-init.yaml", "network:\n  wifis:\n    wlan0: {}\n")
    #expect(try stock.networked(wlan: [wlan("a")]).has(profiles.appending(text: "wlan-a.nmconnection")))
    try stock.put("etc/netplan/10-lab.yaml", "network:\n  # wifis:\n")
    #expect(try NetworkStack.of(stock.root) == .networkManager)
    try stock.put("etc/netplan/10-lab.yaml", "network:\n  ethernets: {eth0: {dhcp4: true}}\n")
    #expect(try NetworkStack.of(stock.root) == .netplan(.networkManager))
    try stock.put("etc/netplan/10-lab.yaml", "network:\n  renderer: networkd\n  ethernets: {eth0: {dhcp4: true}}\n")
    let root = try stock.networked(wlan: [wlan("a")])
    #expect(!root.has(profiles.appending(text: "wlan-a.nmconnection")))
    #expect(try root.string(file)?.contains("renderer: \"networkd\"") == true)
  }

  @Test func `what netplan cannot say is refused or named`() throws {
    var stock = try StockTrees(network: .netplan)
    #expect(try stock.refusal(wlan: [wlan(bytes: [0xFF])]).contains("UTF-8 text only"))
    #expect(try stock.refusal(wlan: [wlan("line\nend")]).contains("UTF-8 text only"))
    #expect(try stock.refusal(wlan: [wlan("a \" # b")]).contains("a \" and a # after it"))
    let managed = try StockTrees(network: .netplanWithManager)
    for name in ["a\\;b", "65;66;", "6 5; "] {
      #expect(try managed.refusal(wlan: [wlan(name)]).contains("takes it for another"))
      #expect(try stock.refusal(wlan: [wlan(name)]) == "nothing")
    }
    let phrase = try passphrase("\"# breaks out")
    #expect(try stock.refusal(wlan: [wlan("a") { $0.security = .wpaPSKOrSAE(phrase) }]).contains("a # after it"))
    #expect(try stock.refusal(wlan: [wlan("a") { $0.security = .sae(phrase) }]).contains("needs 0.107"))
    let plain = try passphrase("a plain one")
    for (version, isTaken) in [("0.107.1-3ubuntu0.22.04.2", true), ("1.1.2-2", true), ("0.104-0ubuntu2", false)] {
      try stock.put("var/lib/dpkg/status", "Package: netplan.io\nVersion: \(version)\n")
      #expect(try (stock.refusal(wlan: [wlan("a") { $0.security = .sae(plain) }]) == "nothing") == isTaken)
    }
    let settings = NetworkSettings(wlan: [try wlan("a") { $0.priority = 3 }])
    #expect(try stock.applying(settings, to: recipe()).warnings.contains { $0.contains("priority is left out") })
  }

  @Test(.enabled(if: NetworkReaders.hasNetplan, "netplan is missing"))
  func `netplan makes networkd's files of all kinds of interfaces`() async throws {
    let eth0 = try InterfaceName.port("eth0")
    let eth1 = try InterfaceName.port("eth1")
    let root = try StockTrees(network: .netplan).networked(ethernet: [
      ethernet(
        .manual, ["192.168.7.5/24", "192.168.7.6/24", "fd00:7::5/64"], link: .port(eth0),
        gateways: ["192.168.7.1", "fe80::1"]
      ) {
        $0.dns = ["1.1.1.1", "fd00:7::1"].compactMap(IPAddress.init)
        $0.searchDomains = ["lab.example.org", "example.org"].compactMap(SearchDomain.init)
        $0.mtu = 1400
        if let to = NetworkAddress("10.0.0.0/8"), let other = NetworkAddress("10.9.0.0/16") {
          $0.routes = [.init(to: to, via: IPAddress("192.168.7.2"), metric: 50), .init(to: other)]
        }
      },
      ethernet(.auto, link: .vlan(id: 10, parent: eth0, name: nil)),
      ethernet(.disabled, link: .bond(name: .port("bond0"), mode: .activeBackup, members: [eth1])),
      ethernet(.auto, link: .vlan(id: 20, parent: .port("eth2"), name: .port("lab"))),
    ])
    let folder = try await NetworkReaders.netplan(root)
    let port = try await folder.text("run/systemd/network/10-netplan-eth0.network")
    for line in [
      "Address=192.168.7.5/24", "Address=192.168.7.6/24", "Address=fd00:7::5/64", "IPv6AcceptRA=no", "DNS=1.1.1.1",
      "DNS=fd00:7::1", "Domains=lab.example.org example.org", "Gateway=192.168.7.1", "Gateway=fe80::1",
      "Destination=10.0.0.0/8", "Gateway=192.168.7.2", "Metric=50", "Destination=10.9.0.0/16", "Scope=link",
      "VLAN=eth0.10", "MTUBytes=1400",
    ] { #expect(port.split(separator: "\n").contains(Substring(line)), "\(line)") }
    #expect(!port.contains("DHCP="))
    #expect(try await folder.text("run/systemd/network/10-netplan-eth0.10.netdev").contains("Id=10"))
    #expect(try await folder.text("run/systemd/network/10-netplan-eth0.10.network").contains("DHCP=yes"))
    #expect(try await folder.text("run/systemd/network/10-netplan-bond0.netdev").contains("Mode=active-backup"))
    #expect(try await folder.text("run/systemd/network/10-netplan-eth1.network").contains("Bond=bond0"))
    #expect(try await folder.text("run/systemd/network/10-netplan-bond0.network").contains("LinkLocalAddressing=no"))
    #expect(try await folder.text("run/systemd/network/10-netplan-lab.netdev").contains("Id=20"))
    #expect(try await folder.text("run/systemd/network/10-netplan-eth2.network").contains("DHCP=yes"))
  }

  @Test(.enabled(if: NetworkReaders.hasNetplan, "netplan is missing"))
  func `networkd keeps the address that an NFS root was mounted with`() async throws {
    let settings = NetworkSettings(wlan: [try wlan("a")])
    let stock = try StockTrees(network: .netplan)
    let root = try stock.applying(settings, to: recipe(root: .nfs)).trees.root
    let folder = try await NetworkReaders.netplan(root)
    let port = try await folder.text("run/systemd/network/10-netplan-pibake-port.network")
    #expect(port.contains("CriticalConnection=true") || port.contains("KeepConfiguration=true"), "\(port)")
    #expect(try stock.networked(wlan: [wlan("a")]).string(file)?.contains("critical") == false)
  }
}
