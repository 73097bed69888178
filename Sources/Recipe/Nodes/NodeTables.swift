/// The tables that both a recipe and an element of `[[nodes]]` may hold, read.
struct NodeTables {
  let image: ImageSettings
  /// nil: the node's name.
  let hostname: HostName?
  let machineID: SystemSettings.MachineID
  let boot: BootSettings
  let root: RootSettings
  let server: ServerSettings?
  let users: [UserSettings]
  let ssh: SSHSettings
  let locale: LocaleSettings
  let output: OutputSettings
  /// Read last: a template may ask for anything else of the node.
  let files: [TableReader]

  init(reading recipe: TableReader) {
    image = recipe.table("image").map { ImageSettings(reading: $0) } ?? .init()
    let system = recipe.table("system")
    hostname = system?.value("hostname", .hostName)
    machineID = system?.value("machine_id", .machineID) ?? .derived
    boot = recipe.table("boot").map { BootSettings(reading: $0) } ?? .init()
    root = recipe.table("root").map { RootSettings(reading: $0) } ?? .init()
    server = recipe.table("server").map { ServerSettings(reading: $0) }
    let user = recipe.table("user").map { UserSettings(reading: $0) }
    let users = recipe.tables("users").map { UserSettings(reading: $0) }
    if let user = recipe.settings["user"], let users = recipe.settings["users"] {
      recipe.log.error("[user] (\(user.place)) and [[users]] cannot both be given", at: users.place)
    }
    self.users = user.map { [$0] } ?? users
    ssh = recipe.table("ssh").map { SSHSettings(reading: $0) } ?? .init()
    locale = recipe.table("locale").map { LocaleSettings(reading: $0) } ?? .init()
    output = recipe.table("output").map { OutputSettings(reading: $0) } ?? .init()
    files = recipe.tables("files")
    recipe.refuse(
      "wlan", "ethernet", "time", "interfaces", "ca_certificates", "mounts", "packages", "runcmd", "services", "eeprom")
  }
}
