import FileTree
import Glibc
import Recipe
import TestSupport
import Testing

@testable import RaspberryPiOS

struct DhcpcdTests {
  @Test func `dhcpcd gets a block at the end, once`() throws {
    let stock = try StockTrees(network: .dhcpcd)
    let to = try #require(NetworkAddress("10.0.0.0/8"))
    let interface = ethernet(.manual, ["192.168.7.5/24", "fd00::5/64"], gateways: ["192.168.7.1"]) {
      $0.dns = ["192.168.7.1", "fd00::1"].compactMap(IPAddress.init)
      $0.searchDomains = [SearchDomain("example.org")].compactMap(\.self)
      $0.routes = [.init(to: to, via: IPAddress("192.168.7.2"))]
      $0.mtu = 1400
    }
    let root = try stock.networked(ethernet: [interface])
    #expect(
      try root.string("etc/dhcpcd.conf") == """
        hostname
        persistent
        slaac private
        # Begin of what pibake wrote.
        interface eth0
        static ip_address=192.168.7.5/24
        static ip6_address=fd00::5/64
        noipv6rs
        static routers=192.168.7.1
        static classless_static_routes=0.0.0.0/0 192.168.7.1 10.0.0.0/8 192.168.7.2
        static domain_name_servers=192.168.7.1 fd00::1
        static domain_search=example.org
        static interface_mtu=1400
        # End of what pibake wrote.

        """)
    #expect(try stock.refusal(ethernet: [ethernet(.auto, ["10.0.0.1/8"])]).contains("method = \"manual\""))
    #expect(try stock.refusal(ethernet: [ethernet(.manual, ["10.0.0.1/8", "10.0.0.2/8"])]).contains("one address"))
    let modern = ethernet(.manual, ["fd00::5/64"], gateways: ["fe80::1"])
    #expect(try stock.refusal(ethernet: [modern]).contains("IPv4 routers only"))
    let vlan = try ethernet(.auto, link: .vlan(id: 4, parent: .port("eth0"), name: nil))
    #expect(try stock.refusal(ethernet: [vlan]).contains("no bonds and VLANs"))
    let off = try stock.networked(ethernet: [ethernet(.disabled)]).string("etc/dhcpcd.conf")
    #expect(off?.contains("interface eth0\nnoipv4\nnoipv6\n# End") == true)
  }

  @Test(
    .enabled(
      if: geteuid() == 0 && Tool.arePresent("dhcpcd", "unshare", "ip", "timeout"),
      "root, dhcpcd, unshare, ip or timeout is missing"))
  func `dhcpcd sets what its block says`() async throws {
    let loop = try InterfaceName.port("lo")
    let interface = ethernet(.manual, ["192.168.7.5/24", "fd00::5/64"], link: .port(loop), gateways: ["192.168.7.1"]) {
      $0.dns = [IPAddress("192.168.7.1")].compactMap(\.self)
      $0.mtu = 1400
    }
    let root = try StockTrees(network: .dhcpcd).networked(ethernet: [interface])
    let folder = try TemporaryFolder()
    try write(try #require(try root.string("etc/dhcpcd.conf")), to: folder.appending("dhcpcd.conf"))
    // The only interface of a network that is not this machine's. dhcpcd goes on until it is stopped.
    let script = """
      ip link set lo up || exit 1
      timeout 10 dhcpcd -f '\(folder.appending("dhcpcd.conf"))' -B -d --noarp -c /bin/true lo & wait=$!
      for try in 1 2 3 4 5 6 7 8; do sleep 0.5; ip address show lo | grep -q fd00::5 && break; done
      ip address show lo
      kill $wait
      wait
      """
    let result = try await Tool.run("unshare", ["--net", "sh", "-c", script])
    #expect(!result.output.contains("unknown option") && !result.output.contains("invalid"), "\(result.output)")
    #expect(result.standardOutput.contains("inet 192.168.7.5/24"), "\(result.output)")
    #expect(result.standardOutput.contains("inet6 fd00::5/64"), "\(result.output)")
    #expect(result.output.contains("adding default route via 192.168.7.1"), "\(result.output)")
  }
}
