import Testing

@testable import Recipe

/// `[wlan]` and `[ethernet]` as settings.
@Suite struct `Keys of networks` {
  private func node(_ text: String) throws -> NodeRecipe {
    let folder = try RecipeFolder(["a.toml": "node.name = \"nog\"\n" + text])
    let result = folder.load("a.toml")
    return try #require(result.nodes.first, "\(result.problems)")
  }

  @Test func `make one network or several`() throws {
    let one = try node("[wlan]\nssid = \"Bridge\"\npassword = \"correct horse\"\ncountry = \"at\"\nhidden = true")
      .network
    #expect(one.wlan.count == 1 && one.wlan[0].isHidden && one.country?.description == "AT")
    guard case .wpaPSK(.passphrase(let passphrase)) = one.wlan[0].security else {
      Issue.record("another security")
      return
    }
    #expect(passphrase.secret.exposed == "correct horse")
    let key = String(repeating: "ab", count: 32)
    let two = try node(
      """
      [[wlan]]
      ssid = "a"
      password = "\(key)"
      priority = 10
      [[wlan]]
      ssid = "b"
      key_mgmt = "wpa-eap"
      identity = "nog"
      password = "x"
      """
    ).network.wlan
    #expect(two.map(\.priority) == [10, 0])
    guard case .wpaPSK(.preShared) = two[0].security, case .enterprise(let account) = two[1].security,
      case .peap(let tunnel) = account.method
    else {
      Issue.record("other securities")
      return
    }
    #expect(tunnel.phase2 == .mschapv2 && account.identity == "nog")
  }

  @Test func `make addresses, routes, VLANs and bonds`() throws {
    let wired = try node(
      """
      [[ethernet]]
      interface = "eth0"
      address = ["192.168.7.11/24", "fd00::11/64"]
      gateway = "192.168.7.1"
      dns = ["192.168.7.1"]
      search = "lab.example.org"
      routes = [{ to = "10.0.0.0/8", via = "192.168.7.254", metric = 5 }]
      mtu = 9000
      [[ethernet]]
      interface = "eth0"
      vlan = 10
      [[ethernet]]
      interface = "bond0"
      bond = { members = ["eth0", "eth1"] }
      """
    ).network.ethernet
    #expect(wired.map(\.method) == [.manual, .auto, .auto])
    #expect(wired[0].addresses.map(\.description) == ["192.168.7.11/24", "fd00::11/64"] && wired[0].mtu == 9000)
    #expect(wired[0].routes.map(\.metric) == [5])
    #expect(wired.map { $0.name?.description } == ["eth0", "eth0.10", "bond0"])
  }

  @Test func `make the tables of the system`() throws {
    let nog = try node(
      """
      services = { enable = ["docker"], mask = ["apt-daily.timer"] }
      time = { servers = "ptb.example.org", ntp = true }
      hosts = { "192.168.7.1" = ["mandalore", "pxe"], "fd00::1" = "six" }
      modules = { load = ["i2c-dev"], options = { brcmfmac = "roamoff=1" }, blacklist = ["b"] }
      interfaces = { i2c = true, serial = "console_hardware" }
      motd.text = ""
      swap = { to = "file", size = "1GiB" }
      sysctl = { "net.ipv4.ip_forward" = true, "vm.swappiness" = 10, "kernel.core_pattern" = "core" }
      [[mounts]]
      what = "tmpfs"
      where = "/scratch"
      options = "size=64M"
      """)
    #expect(nog.services.enable.map(\.name) == ["docker"] && nog.services.mask.first?.place?.line == 2)
    #expect(nog.time.servers == ["ptb.example.org"] && nog.time.ntp == true)
    #expect(nog.hosts.entries.map(\.names) == [["mandalore", "pxe"], ["six"]])
    #expect(nog.modules.options.map(\.text) == ["roamoff=1"] && nog.modules.blacklist.map(\.name) == ["b"])
    #expect(nog.interfaces.serial == .consoleHardware && nog.interfaces.spi == nil)
    #expect(nog.motd.text == "" && nog.mounts.swap == .file(path: nil, size: 1024))
    #expect(nog.sysctl.parameters.map(\.value) == ["1", "10", "core"])
    #expect(nog.mounts.mounts.map(\.type) == ["tmpfs"] && nog.mounts.mounts[0].options == ["size=64M"])
  }
}
