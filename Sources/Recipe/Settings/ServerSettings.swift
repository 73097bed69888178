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
  init(reading table: TableReader) {
    self.init(
      address: table.value("address", .ipv4Address),
      subnet: table.value("subnet", .ipv4Subnet),
      nfsRoot: table.value("nfs_root", .serverFolder) ?? "/srv/nfs",
      tftpRoot: table.value("tftp_root", .serverFolder) ?? "/srv/tftp",
      dhcp: table.value("dhcp", .choice()) ?? .proxy,
      store: table.value("store", .serverFolder),
      interface: table.value("interface", .networkInterface))
  }
}
