/// The tables that both a recipe and an element of `[[nodes]]` may hold, read.
struct Wishes {
  let image: ImageSettings
  let system: (HostName) -> SystemSettings
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
    system = SystemSettings.reading(recipe.table("system"))
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

/// The keys of `[node]`, read.
struct NodeIdentity {
  let name: HostName?
  let mac: MACAddress?
  let serial: String?
  let model: String?
  let tags: [String]

  init(reading node: TableReader) {
    name = node.value("name", .hostName)
    mac = node.value("mac", .mac)
    serial = node.value("serial", .serial)
    model = node.value("model", .word)
    tags = node.list("tags", of: .word) ?? []
  }
}

/// A recipe file as it is written, without what it extends.
enum WrittenRecipe {
  /// Reports what is wrong with the file by itself: wrong values, keys that there are not, or not yet.
  static func check(_ file: SettingTable, log: ProblemLog) {
    let top = TableReader(file, log: log)
    _ = top.value("recipe_version", .recipeVersion)
    _ = top.value("fleet_seed", .fleetSeed)
    _ = top.value("extends", .anything)
    top.refuse("nodes_from")
    if let node = top.table("node") { _ = NodeIdentity(reading: node) }
    checkTables(of: top)
    for node in top.tables("nodes") {
      _ = NodeIdentity(reading: node)
      checkTables(of: node)
    }
    top.reportUnknownKeys()
  }

  private static func checkTables(of reader: TableReader) {
    let wishes = Wishes(reading: reader)
    for file in wishes.files { _ = FileSettings(reading: file, node: nil) }
  }
}

extension NodeSource {
  /// The node, its values read and checked against each other; nil if it has no valid name, which is then reported.
  func node(log: ProblemLog) -> NodeRecipe? {
    let recipe = TableReader(settings, log: log)
    let wishes = Wishes(reading: recipe)
    guard let table = recipe.table("node") else { return nil }
    let identity = NodeIdentity(reading: table)
    guard let name = identity.name else {
      if table.settings["name"] == nil { log.error("the node has no name", at: settings["node"]?.setting.place) }
      return nil
    }
    var node = NodeRecipe(
      name: name, mac: identity.mac, serial: identity.serial, model: identity.model, tags: identity.tags,
      fleetSeed: recipe.value("fleet_seed", .fleetSeed), image: wishes.image, system: wishes.system(name),
      boot: wishes.boot, root: wishes.root, server: wishes.server, users: wishes.users, ssh: wishes.ssh,
      locale: wishes.locale, output: wishes.output)
    node.files = wishes.files.compactMap { FileSettings(reading: $0, node: node) }
    NodeChecks(node: node, settings: settings, log: log).run()
    return node
  }
}
