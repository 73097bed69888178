import Bytes
import FileTree
import Recipe
import TestSupport
import Testing

@testable import RaspberryPiOS

struct EthernetTests {
  private let profiles: TreePath = "etc/NetworkManager/system-connections"

  @Test func `a fixed address becomes a profile of any wired port`() throws {
    let root = try StockTrees(network: .networkManager).networked(ethernet: [
      ethernet(.manual, ["192.168.7.5/24"], gateways: ["192.168.7.1"]) {
        $0.dns = ["192.168.7.1", "9.9.9.9"].compactMap(IPAddress.init)
      }
    ])
    let path = profiles.appending(text: "ethernet.nmconnection")
    #expect(root.inode(at: path)?.mode == 0o600)
    let text = try #require(try root.string(path))
    let uuid = try #require(text.split(separator: "\n").first { $0.hasPrefix("uuid=") })
    #expect(
      text == """
        [connection]
        id=ethernet
        \(uuid)
        type=ethernet

        [ipv4]
        method=manual
        address1=192.168.7.5/24
        gateway=192.168.7.1
        dns=192.168.7.1;9.9.9.9;

        [ipv6]
        addr-gen-mode=default
        method=auto

        """)
  }

  @Test(.enabled(if: NetworkReaders.hasLibnm, "gir1.2-nm-1.0 or python3-gi is missing"))
  func `NetworkManager takes all kinds of interfaces`() async throws {
    let eth0 = try InterfaceName.port("eth0")
    let to = try #require(NetworkAddress("10.0.0.0/8"))
    let other = try #require(NetworkAddress("fd00:9::/48"))
    let root = try StockTrees(network: .networkManager).networked(ethernet: [
      ethernet(
        .manual, ["192.168.7.5/24", "192.168.7.6/24", "fd00:7::5/64"], link: .port(eth0),
        gateways: ["192.168.7.1", "fe80::1"]
      ) {
        $0.dns = ["1.1.1.1", "fd00:7::1"].compactMap(IPAddress.init)
        $0.searchDomains = ["lab.example.org", "example.org"].compactMap(SearchDomain.init)
        $0.mtu = 1400
        $0.routes = [.init(to: to, via: IPAddress("192.168.7.2"), metric: 50), .init(to: other)]
      },
      ethernet(.auto, ["10.1.1.1/32"], link: .vlan(id: 10, parent: eth0, name: nil)),
      ethernet(.disabled, link: .bond(name: .port("bond0"), mode: .lacp, members: [.port("eth1"), .port("eth2")])),
      ethernet(.manual, ["fd00::5/64"], link: .port(.port("eth3"))),
    ])
    let read = try await NetworkReaders.profiles(in: root)
    #expect(
      Set(read.keys.map { $0.split(separator: ".n").first.map(String.init) ?? "" }) == [
        "ethernet-eth0", "ethernet-eth3", "vlan-eth0.10", "bond-bond0", "port-eth1", "port-eth2",
      ])
    let port = try #require(read["ethernet-eth0.nmconnection"])
    #expect(port["802-3-ethernet.mtu"] == "1400")
    #expect(
      port["ipv4.address-data"]
        == "[{'address': '192.168.7.5', 'prefix': 24}, {'address': '192.168.7.6', 'prefix': 24}]")
    #expect(port.text("ipv4.gateway") == "192.168.7.1" && port.text("ipv6.gateway") == "fe80::1")
    #expect(
      port["ipv4.route-data"] == "[{'dest': '10.0.0.0', 'prefix': 8, 'next-hop': '192.168.7.2', 'metric': 50}]")
    #expect(port["ipv6.route-data"] == "[{'dest': 'fd00:9::', 'prefix': 48}]")
    #expect(port["ipv4.dns-data"] == "['1.1.1.1']" && port["ipv6.dns-data"] == "['fd00:7::1']")
    #expect(port["ipv4.dns-search"] == "['lab.example.org', 'example.org']")
    #expect(port.text("ipv6.method") == "manual")
    let vlan = try #require(read["vlan-eth0.10.nmconnection"])
    #expect(vlan["vlan.id"] == "10" && vlan.text("vlan.parent") == "eth0")
    #expect(vlan.text("connection.interface-name") == "eth0.10" && vlan.text("ipv4.method") == "auto")
    let bond = try #require(read["bond-bond0.nmconnection"])
    #expect(bond["bond.options"]?.contains("'mode': '802.3ad'") == true)
    #expect(bond.text("ipv4.method") == "disabled" && bond.text("ipv6.method") == "disabled")
    let member = try #require(read["port-eth1.nmconnection"])
    #expect(member.text("connection.master") == bond.text("connection.uuid"))
    #expect(member.text("connection.slave-type") == "bond" && member.text("connection.interface-name") == "eth1")
    let modern = try #require(read["ethernet-eth3.nmconnection"])
    #expect(modern.text("ipv4.method") == "disabled" && modern.text("ipv6.method") == "manual")
    #expect(Set(read.values.map { $0.text("connection.uuid") }).count == read.count)
  }

  @Test(
    arguments: [
      (ethernet(.manual), "needs addresses"),
      (ethernet(.disabled, ["10.0.0.1/8"]), "no use for addresses"),
      (ethernet(.manual, ["192.168.7.0/24"]), "that is the network's own"),
      (ethernet(.manual, ["192.168.7.255/24"]), "expected the address of a host"),
      (ethernet(.manual, ["224.0.0.1/24"]), "expected the address of a host"),
      (ethernet(.manual, ["10.0.0.1/8", "10.0.0.1/8"]), "there twice"),
      (ethernet(.manual, ["192.168.7.5/24"], gateways: ["192.168.8.1"]), "none of the addresses"),
      (ethernet(.manual, ["192.168.7.5/24"], gateways: ["192.168.7.5"]), "another host"),
      (ethernet(.manual, ["192.168.7.5/24"], gateways: ["fe80::1"]), "none of the addresses"),
      (ethernet(.auto, gateways: ["192.168.7.1"]), "the network says the gateway"),
      (ethernet(.manual, ["192.168.7.5/24"], gateways: ["192.168.7.1", "192.168.7.2"]), "more than one gateway"),
      (ethernet(.manual, ["fd00::5/64"]) { $0.dns = [IPAddress("1.1.1.1")].compactMap(\.self) }, "is IPv4"),
      (ethernet(.auto) { $0.mtu = 100 }, "mtu = 100"),
      (
        ethernet(.auto) { $0.routes = [NetworkAddress("10.0.0.1/8")].compactMap(\.self).map { .init(to: $0) } },
        "is no network"
      ),
      (
        ethernet(.auto) {
          $0.routes = [NetworkAddress("10.0.0.0/8")].compactMap(\.self).map { .init(to: $0, via: IPAddress("::1")) }
        }, "not reached via ::1"
      ),
    ])
  func `settings that cannot be are refused with their place`(settings: EthernetSettings, problem: String) throws {
    let text = try StockTrees(network: .networkManager).refusal(ethernet: [settings])
    #expect(text.hasPrefix("nog.toml:8:1: [ethernet]") && text.contains(problem), "\(text)")
  }

  @Test func `interfaces that contradict each other are refused`() throws {
    let stock = try StockTrees(network: .networkManager)
    let eth0 = try InterfaceName.port("eth0")
    let bond = try ethernet(.auto, link: .bond(name: .port("bond0"), mode: .xor, members: [eth0]))
    #expect(try stock.refusal(ethernet: [ethernet(.auto), ethernet(.auto)]).contains("a second [ethernet]"))
    #expect(try stock.refusal(ethernet: [ethernet(.auto, link: .port(eth0)), bond]).contains("another's already"))
    #expect(try stock.refusal(ethernet: [ethernet(.auto), bond]).contains("name it: interface"))
    let far = try ethernet(.auto, link: .vlan(id: 4095, parent: eth0, name: nil))
    #expect(try stock.refusal(ethernet: [far]).contains("from 1 to 4094"))
    let long = try ethernet(.auto, link: .vlan(id: 4000, parent: .port("enx001122334455"), name: nil))
    #expect(try stock.refusal(ethernet: [long]).contains("15 characters"))
    let empty = try ethernet(.auto, link: .bond(name: .port("bond0"), mode: .xor, members: []))
    #expect(try stock.refusal(ethernet: [empty]).contains("no members"))
  }

  @Test func `the port of an NFS root is left to the kernel`() throws {
    let stock = try StockTrees(network: .networkManager)
    let node = try recipe(root: .nfs)
    let fixed = ethernet(.manual, ["192.168.7.5/24"])
    #expect(try stock.refusal(ethernet: [fixed], recipe: node).contains("cut the node off"))
    #expect(try stock.refusal(ethernet: [ethernet(.auto)], recipe: node) == "nothing")
    let second = try ethernet(.manual, ["192.168.7.5/24"], link: .port(.port("eth1")))
    #expect(try stock.refusal(ethernet: [second], recipe: node) == "nothing")
    let bond = try ethernet(.auto, link: .bond(name: .port("bond0"), mode: .xor, members: [.port("eth0")]))
    #expect(try stock.refusal(ethernet: [bond], recipe: node).contains("cut the node off"))
    #expect(try stock.refusal(ethernet: [fixed]) == "nothing")
  }
}
