/// `[server]`: the PXE server, as its nodes see it.
package struct ServerSettings: Sendable {
  /// What the server has to do with addresses.
  package enum DHCP: String, Sendable, CaseIterable {
    /// Another machine hands out leases, and the server adds what netboot needs.
    case proxy
    /// It hands out leases.
    case server
    /// Nothing.
    case none
  }
  /// The IPv4 address in dotted form.
  package var address: String?
  /// The subnet in CIDR form.
  package var subnet: String?
  /// The folder under which each node has its root.
  package var nfsRoot: String
  /// The folder under which each node has its boot files.
  package var tftpRoot: String
  /// What the server has to do with addresses; `proxy` where the recipe says nothing.
  package var dhcp: DHCP
  /// The folder of the btrfs file system that holds base and node subvolumes.
  package var store: String?
  /// The network interface towards the nodes.
  package var interface: String?

  /// Settings that say only what is given.
  package init(
    address: String? = nil, subnet: String? = nil, nfsRoot: String = "/srv/nfs", tftpRoot: String = "/srv/tftp",
    dhcp: DHCP = .proxy, store: String? = nil, interface: String? = nil
  ) {
    self.address = address
    self.subnet = subnet
    self.nfsRoot = nfsRoot
    self.tftpRoot = tftpRoot
    self.dhcp = dhcp
    self.store = store
    self.interface = interface
  }
}

extension ServerSettings {
  static let addressKey = Key(
    "address", .ipv4Address, "The server's address, as its nodes see it.", example: "\"192.168.7.1\"")
  static let subnetKey = Key("subnet", .ipv4Subnet, "The nodes' subnet.", example: "\"192.168.7.0/24\"")
  static let dhcpKey = Key<DHCP>(
    "dhcp", .choice(), "Whether the server hands out addresses, or adds to what another machine hands out.",
    example: "\"proxy\"", fallback: "\"proxy\"")
  static let tftpRootKey = Key(
    "tftp_root", .serverFolder, "The folder of the server under which each node has its boot files.",
    example: "\"/srv/tftp\"", fallback: "\"/srv/tftp\"")
  static let nfsRootKey = Key(
    "nfs_root", .serverFolder, "The folder of the server under which each node has its root.", example: "\"/srv/nfs\"",
    fallback: "\"/srv/nfs\"")
  static let storeKey = Key(
    "store", .serverFolder, "The folder of the server's btrfs that holds base and nodes.", example: "\"/srv/pibake\"")
  static let interfaceKey = Key(
    "interface", .networkInterface, "The server's network interface towards the nodes.", example: "\"eth0\"")
  static let keys = TableKeys(
    "server", "The server that nodes boot from.",
    [addressKey, subnetKey, dhcpKey, tftpRootKey, nfsRootKey, storeKey, interfaceKey])

  init(reading table: TableReader) {
    self.init(
      address: table[Self.addressKey], subnet: table[Self.subnetKey], nfsRoot: table[Self.nfsRootKey] ?? "/srv/nfs",
      tftpRoot: table[Self.tftpRootKey] ?? "/srv/tftp", dhcp: table[Self.dhcpKey] ?? .proxy,
      store: table[Self.storeKey], interface: table[Self.interfaceKey])
  }
}
