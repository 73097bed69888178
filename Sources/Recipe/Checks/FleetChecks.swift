import TOML

/// What no two nodes may share, over all recipes that are loaded together.
struct FleetChecks {
  private struct Owner {
    let name: String?
    let place: RecipePlace
  }

  private let log: ProblemLog
  private var owners: [String: [String: Owner]] = [:]

  init(log: ProblemLog) { self.log = log }

  /// Takes in a node, and reports what an earlier one has already.
  mutating func check(_ source: NodeSource) {
    let settings = source.settings
    let name = value("name", .hostName, settings).map { "\($0)" }
    // Host names and folders of some servers do not tell upper from lower case.
    claim("name", name?.lowercased(), shown: name.map { "\"\($0)\"" }, for: nil, settings)
    claim("mac", value("mac", .mac, settings).map { "\($0)" }, for: name, settings)
    claim("serial", value("serial", .serial, settings), for: name, settings)
  }

  private mutating func claim(
    _ key: String, _ value: String?, shown: String? = nil, for name: String?, _ settings: SettingTable
  ) {
    guard let value, let place = settings[["node", key]]?.setting.place else { return }
    guard let first = owners[key]?[value] else {
      owners[key, default: [:]][value] = Owner(name: name, place: place)
      return
    }
    let owner = first.name.map { "\($0)'s" } ?? "another node's"
    log.error("\(key) \(shown ?? value) is also \(owner) (\(first.place))", at: place)
  }

  private func value<Value>(_ key: String, _ form: Form<Value>, _ settings: SettingTable) -> Value? {
    try? settings[["node", key]].map { try form.read($0.setting).get() }
  }
}
