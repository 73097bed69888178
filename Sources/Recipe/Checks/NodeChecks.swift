/// What the values of a node must be to each other.
struct NodeChecks {
  let node: NodeRecipe
  let settings: SettingTable
  let log: ProblemLog

  /// Reports everything that does not fit together.
  func run() {
    checkImage()
    checkBootAndRoot()
    checkCard()
    checkTable()
    checkNetwork()
    checkUsers()
    warnOfKeysWithoutEffect()
    if node.name.description.lowercased() == "server" {
      log.error(
        "name \"\(node.name)\" is taken: the server's files go to a folder of that name", at: place("node", "name"))
    }
    checkSeed()
  }

  /// A seed that can be guessed is enough for ids, but not for keys.
  private func checkSeed() {
    guard node.ssh.hostKeys == .derived else { return }
    let entry = FleetSeed.keys.lazy.compactMap { settings[$0] }.first
    guard let entry else {
      return log.error(
        "[ssh] host_keys = \"derived\" needs fleet_seed_file, at the top of the recipe: `pibake seed` makes one",
        at: place("ssh", "host_keys"))
    }
    if let seed = node.fleetSeed, !seed.isMachineMade {
      log.warning(
        "\(entry.name): who guesses this text has the nodes' private host keys; `pibake seed` makes one that nobody guesses",
        at: entry.setting.place)
    }
  }

  private func checkImage() {
    if settings[["image", "url"]] != nil, settings[["image", "sha256"]] == nil {
      log.error("[image] url needs sha256, that of the file as downloaded", at: place("image", "url"))
    }
    if let boot = node.image.bootPartition, boot == node.image.rootPartition {
      log.error("[image] root_partition = \(boot) is the boot partition too", at: place("image", "root_partition"))
    }
  }

  private func checkBootAndRoot() {
    if isWrong("boot", BootSettings.fromKey) { return }
    if isWrong("root", RootSettings.onKey) { return }
    switch (node.boot.from, node.root.on) {
    case (.disk, .disk), (.card, .usb), (.card, .nfs), (.tftp, .usb), (.tftp, .nfs): break
    case (.disk, let place):
      log.error(
        "[root] on = \"\(place)\" needs [boot] from = \"card\" or \"tftp\"", at: self.place("root", "on"))
    case (let source, .disk):
      log.error(
        "[boot] from = \"\(source)\" needs [root] on = \"usb\" or \"nfs\"", at: place("boot", "from"))
    }
    if node.boot.from == .card, node.root.on == .usb, let id = node.root.diskID, id == node.boot.diskID {
      log.error("[boot] disk_id = \"\(id)\" is the root disk's too", at: place("boot", "disk_id"))
    }
  }

  /// Reports keys of a card that there is not.
  private func checkCard() {
    guard node.boot.from != .card else { return }
    for key in ["size", "disk_id"] where settings[["boot", key]] != nil {
      log.warning(
        "[boot] \(key) is of a card: with [boot] from = \"\(node.boot.from)\" there is none", at: place("boot", key))
    }
  }

  private func checkTable() {
    let place = settings[["output", "image", "table"]]?.setting.place
    let table = node.output.table
    if table == .mbr {
      for (name, size) in [("root", node.root.size), ("boot", node.boot.size)] {
        guard case .bytes(let count) = size, count > Int(UInt32.max) * 512 else { continue }
        log.error(
          "[\(name)] size: an MBR counts to less than 2TiB, [output] image = { table = \"gpt\" } further",
          at: self.place(name, "size"))
      }
    }
    if table == .gpt {
      if let model = node.model, node.boot.from != .tftp, NodeChecks.isWithoutGPT(model) {
        log.warning(
          "the boot ROM of a \(model) reads no GPT: [output] image = { table = \"hybrid\" } adds what it reads",
          at: place)
      }
      for table in ["root", "boot"] where settings[[table, "disk_id"]] != nil {
        log.warning(
          "[\(table)] disk_id is the signature of an MBR: a disk with [output] image.table = \"gpt\" has none",
          at: self.place(table, "disk_id"))
      }
    }
  }

  /// Whether a board boots by a ROM that knows the MBR only: all before the Pi 4, whose EEPROM has read GPT since 2020.
  private static func isWithoutGPT(_ model: String) -> Bool {
    let model = model.lowercased()
    return ["pi0", "pi1", "pi2", "pi3", "pizero", "zero", "cm1", "cm3"].contains { model.hasPrefix($0) }
  }

  private func checkNetwork() {
    if node.boot.from == .tftp, settings[["node", "mac"]] == nil, settings[["node", "serial"]] == nil {
      log.error(
        "[boot] from = \"tftp\" needs [node] mac or serial, by which the firmware asks for its files",
        at: settings["node"]?.setting.place)
    }
    if node.root.on == .nfs, settings[["server", "address"]] == nil {
      log.error("[root] on = \"nfs\" needs [server] address", at: place("root", "on"))
    }
    if let server = node.server, let address = server.address.flatMap({ IPv4.address($0) }),
      let subnet = server.subnet.flatMap(IPv4.subnet), address & ~(UInt32.max >> subnet.length) != subnet.base
    {
      log.error("[server] address is not in the subnet \(server.subnet ?? "")", at: place("server", "address"))
    }
  }

  /// Reports keys that the recipe language has and that change nothing on this node.
  private func warnOfKeysWithoutEffect() {
    func warn(_ table: String, _ key: String, _ message: String) {
      guard settings[[table, key]] != nil else { return }
      let subject = table == "node" ? key : "[\(table)] \(key)"
      log.warning("\(subject) has no effect: \(message)", at: place(table, key))
    }
    let noServer = "pibake does not configure the server yet"
    if !isWrong("server", ServerSettings.dhcpKey) { warn("server", "dhcp", noServer) }
    if !isWrong("server", ServerSettings.interfaceKey) { warn("server", "interface", noServer) }
    if node.root.on == .nfs, !isWrong("root", RootSettings.diskIDKey) {
      warn("root", "disk_id", "a root over NFS has no disk")
    }
    if node.root.on != .nfs, !isWrong("root", RootSettings.nfsVersionKey) {
      warn("root", "nfs_version", "the root is not on the server")
    }
  }

  private func checkUsers() {
    if let user = settings["user"], user.setting.table?["name"] == nil {
      log.error("[user] name is missing", at: user.setting.place)
    }
    var names: Set<String> = []
    for element in settings["users"]?.setting.elements ?? [] {
      guard let name = element.table?["name"] else {
        log.error("[[users]] name is missing", at: element.place)
        continue
      }
      guard case .string(let text) = name.setting.content, !names.insert(text).inserted else { continue }
      log.error("[[users]] name = \"\(text)\" is given twice", at: name.setting.place)
    }
  }

  /// Whether the key has a value that is not of its form, which has been reported: nothing follows from it.
  private func isWrong<Value>(_ table: String, _ key: Key<Value>) -> Bool {
    guard let setting = settings[[table, key.name]]?.setting, case .failure = key.form.read(setting) else {
      return false
    }
    return true
  }

  /// Where the value of a key stands; where its table or the node begins if there is none.
  private func place(_ table: String, _ key: String) -> RecipePlace? {
    (settings[[table, key]] ?? settings[table] ?? settings["node"])?.setting.place
  }
}
