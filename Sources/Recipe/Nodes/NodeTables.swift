extension NodeRecipe {
  /// The node whose tables are those of `recipe`, each value as the language has it; what is of a wrong form counts as left out.
  init(name: HostName, reading recipe: TableReader) {
    let identity = NodeIdentity(reading: recipe.table(NodeIdentity.keys))
    let users = recipe.tables("users", UserSettings.keys).map { UserSettings(reading: $0) }
    let user = recipe.optionalTable(UserSettings.keys).map { UserSettings(reading: $0) }
    self.init(
      name: name, mac: identity.mac, serial: identity.serial, model: identity.model, tags: identity.tags,
      fleetSeed: FleetSeed(reading: recipe), image: ImageSettings(reading: recipe.table(ImageSettings.keys)),
      system: SystemSettings(reading: recipe.table(SystemSettings.keys), of: name),
      boot: BootSettings(reading: recipe.table(BootSettings.keys)),
      root: RootSettings(reading: recipe.table(RootSettings.keys)),
      server: recipe.optionalTable(ServerSettings.keys).map { ServerSettings(reading: $0) },
      users: user.map { [$0] } ?? users, ssh: SSHSettings(reading: recipe.table(SSHSettings.keys)),
      locale: LocaleSettings(reading: recipe.table(LocaleSettings.keys)),
      output: OutputSettings(reading: recipe.table(OutputSettings.keys)))
    network = NetworkSettings(reading: recipe)
    time = TimeSettings(reading: recipe.table(TimeSettings.keys))
    interfaces = InterfacesSettings(reading: recipe.table(InterfacesSettings.keys))
    services = ServiceSettings(reading: recipe.table(ServiceSettings.keys))
    mounts = MountSettings(reading: recipe)
    hosts = HostsSettings(reading: recipe.table(HostsSettings.keys))
    sysctl = SysctlSettings(reading: recipe.table(SysctlSettings.keys))
    modules = ModulesSettings(reading: recipe.table(ModulesSettings.keys))
    motd = MotdSettings(reading: recipe.table(MotdSettings.keys))
    caCertificates = CACertificateSettings(reading: recipe.table(CACertificateSettings.keys))
    firstStart = FirstStartSettings(reading: recipe)
    // Last: a template may ask for anything else of the node.
    files = recipe.tables("files", FileSettings.keys).compactMap { FileSettings(reading: $0, node: self) }
  }
}
