/// What no two nodes may share, over all recipes that are loaded together.
struct FleetChecks {
  private struct Owner {
    let name: String?
    let place: RecipePlace
  }

  private let log: ProblemLog
  private var owners: [String: [String: Owner]] = [:]
  /// The places whose value several nodes share, as far as reported.
  private var shared: Set<RecipePlace> = []

  init(log: ProblemLog) { self.log = log }

  /// Takes in a node, and reports what an earlier one has already.
  mutating func check(_ source: NodeSource) {
    let settings = source.settings
    let name = settings.value("node", NodeIdentity.nameKey)?.description
    // Host names and folders of some servers do not tell upper from lower case.
    claim(["node", "name"], name?.lowercased(), shown: name.map { "\"\($0)\"" }, for: nil, settings)
    claim(["node", "mac"], settings.value("node", NodeIdentity.macKey)?.description, for: name, settings)
    claim(["node", "serial"], settings.value("node", NodeIdentity.serialKey), for: name, settings)
    claimHostName(name, settings)
    claimDisks(name, settings)
    if case .given(let id)? = settings.value("system", SystemSettings.machineIDKey) {
      claim(["system", "machine_id"], id, for: name, settings)
    }
  }

  /// The host name, which is the node's name unless `[system]` says another.
  private mutating func claimHostName(_ name: String?, _ settings: SettingTable) {
    let own = settings.value("system", SystemSettings.hostnameKey)?.description
    let path = own == nil ? ["node", "name"] : ["system", "hostname"]
    guard let host = own ?? name, let place = settings[path]?.setting.place else { return }
    let first = owners["hostname"]?[host.lowercased()]
    guard let first, let name else {
      owners["hostname", default: [:]][host.lowercased()] = Owner(name: name, place: place)
      return
    }
    // Two nodes of one name are reported as that.
    guard first.name?.lowercased() != name.lowercased() else { return }
    report("hostname", "\"\(host)\"", of: name, at: place, first)
  }

  /// The signatures of the disks that the node has.
  private mutating func claimDisks(_ name: String?, _ settings: SettingTable) {
    var paths: [[String]] = []
    if settings.value("root", RootSettings.onKey) != RootSettings.Place.nfs { paths.append(["root", "disk_id"]) }
    if settings.value("boot", BootSettings.fromKey) == BootSettings.Source.card { paths.append(["boot", "disk_id"]) }
    for path in paths {
      guard let id = settings.value(path, .diskID)?.description, let place = settings[path]?.setting.place else {
        continue
      }
      if let first = owners["disk_id"]?[id] {
        // A node's own two disks are compared elsewhere.
        if first.name != name { report("disk_id", id, of: name, at: place, first) }
      } else {
        owners["disk_id", default: [:]][id] = Owner(name: name, place: place)
      }
    }
  }

  /// Reports a value that two nodes have, each by a key of its own, or both by one key that they share.
  private mutating func report(_ key: String, _ value: String, of name: String?, at place: RecipePlace, _ first: Owner)
  {
    let owner = first.name.map { "\($0)'s" } ?? "another node's"
    guard first.place == place else {
      return log.error("\(key) \(value) is also \(owner) (\(first.place))", at: place)
    }
    // A thousand nodes that share a key need one message.
    guard shared.insert(place).inserted else { return }
    log.error(
      "\(key) \(value) is \(owner) and \(name.map { "\($0)'s" } ?? "another node's"): give each node its own", at: place
    )
  }

  private mutating func claim(
    _ path: [String], _ value: String?, shown: String? = nil, for name: String?, _ settings: SettingTable
  ) {
    guard let key = path.last, let value, let place = settings[path]?.setting.place else { return }
    guard let first = owners[key]?[value] else {
      owners[key, default: [:]][value] = Owner(name: name, place: place)
      return
    }
    let owner = first.name.map { "\($0)'s" } ?? "another node's"
    log.error("\(key) \(shown ?? value) is also \(owner) (\(first.place))", at: place)
  }
}

extension SettingTable {
  /// The value of a key of a table; nil if there is none, or none of the key's form.
  func value<Value>(_ table: String, _ key: Key<Value>) -> Value? { value([table, key.name], key.form) }

  /// The value at `path` in `form`; nil if there is none, or none of the form: its reader reports that.
  func value<Value>(_ path: [String], _ form: Form<Value>) -> Value? {
    guard let setting = self[path]?.setting, case .success(let value) = form.read(setting) else { return nil }
    return value
  }
}
