/// Everything that a recipe wishes for one node, checked: no value here can be of a wrong form.
package struct NodeRecipe: Sendable {
  /// The node's name, which also names its output folder.
  package var name: HostName
  /// The hardware address of its Ethernet port.
  package var mac: MACAddress?
  /// The last eight hexadecimal digits of its serial number, lower case.
  package var serial: String?
  /// The board, as the operator names it ("pi4", "pi5").
  package var model: String?
  /// Words by which operators group nodes.
  package var tags: [String]
  /// The seed from which a fleet's identities are derived. Whoever knows it can derive them too.
  package var fleetSeed: FleetSeed?
  /// The stock image.
  package var image: ImageSettings
  /// The host name and the machine id.
  package var system: SystemSettings
  /// Where the firmware finds its files.
  package var boot: BootSettings
  /// Where the root file system is.
  package var root: RootSettings
  /// The server that nodes boot from; nil when the recipe has none.
  package var server: ServerSettings?
  /// The accounts; the first is the node's operator.
  package var users: [UserSettings]
  /// How the node is reached.
  package var ssh: SSHSettings
  /// Zone, keyboard and language.
  package var locale: LocaleSettings
  /// Files to add, replace or remove, in the order of the recipe.
  package var files: [FileSettings]
  /// What is written where.
  package var output: OutputSettings

  /// Wireless and cabled networks.
  package var network = NetworkSettings()
  /// Where the node gets the time from.
  package var time = TimeSettings()
  /// The buses and ports of the board.
  package var interfaces = InterfacesSettings()
  /// Units to enable, disable or mask.
  package var services = ServiceSettings()
  /// File systems to mount, and swap space.
  package var mounts = MountSettings()
  /// Machines that the node knows by name.
  package var hosts = HostsSettings()
  /// Parameters of the running kernel.
  package var sysctl = SysctlSettings()
  /// Kernel modules.
  package var modules = ModulesSettings()
  /// What is shown after a login.
  package var motd = MotdSettings()
  /// What the node runs once, on its first start.
  package var firstStart = FirstStartSettings()
  /// Authorities to trust.
  package var caCertificates = CACertificateSettings()

  /// A node that wishes only what is said here.
  package init(
    name: HostName, mac: MACAddress? = nil, serial: String? = nil, model: String? = nil, tags: [String] = [],
    fleetSeed: FleetSeed? = nil, image: ImageSettings = .init(), system: SystemSettings? = nil,
    boot: BootSettings = .init(), root: RootSettings = .init(), server: ServerSettings? = nil,
    users: [UserSettings] = [], ssh: SSHSettings = .init(), locale: LocaleSettings = .init(),
    files: [FileSettings] = [], output: OutputSettings = .init()
  ) {
    self.name = name
    self.mac = mac
    self.serial = serial
    self.model = model
    self.tags = tags
    self.fleetSeed = fleetSeed
    self.image = image
    self.system = system ?? SystemSettings(hostname: name)
    self.boot = boot
    self.root = root
    self.server = server
    self.users = users
    self.ssh = ssh
    self.locale = locale
    self.files = files
    self.output = output
  }
}

extension NodeRecipe {
  /// The folders of the server in which a node that boots over TFTP finds its boot files, one for each name by which it
  /// asks; nil for a node that does not, or whose server the recipe does not describe.
  package var tftpFolders: [String]? {
    guard boot.from == .tftp, let server else { return nil }
    let base = server.tftpRoot.hasSuffix("/") ? String(server.tftpRoot.dropLast()) : server.tftpRoot
    return [mac?.tftpFolder, serial].compactMap(\.self).map { "\(base)/\($0)" }
  }
}
