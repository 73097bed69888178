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
    let name = settings.value(["node", "name"], .hostName)?.description
    // Host names and folders of some servers do not tell upper from lower case.
    claim(["node", "name"], name?.lowercased(), shown: name.map { "\"\($0)\"" }, for: nil, settings)
    claim(["node", "mac"], settings.value(["node", "mac"], .mac)?.description, for: name, settings)
    claim(["node", "serial"], settings.value(["node", "serial"], .serial), for: name, settings)
    if case .given(let id)? = settings.value(["system", "machine_id"], .machineID) {
      claim(["system", "machine_id"], id, for: name, settings)
    }
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
  /// The value at `path` in `form`; nil if there is none, or none of the form: its reader reports that.
  func value<Value>(_ path: [String], _ form: Form<Value>) -> Value? {
    guard let setting = self[path]?.setting, case .success(let value) = form.read(setting) else { return nil }
    return value
  }
}
