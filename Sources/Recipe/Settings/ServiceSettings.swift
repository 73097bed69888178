/// `[services]`: which units start with the system, and which never.
package struct ServiceSettings: Sendable {
  /// A unit that the recipe names.
  package struct Unit: Sendable, Hashable {
    /// The name as written; without a suffix, it is that of a service.
    package var name: String
    /// Where the recipe says so, for errors that only the image can tell.
    package var place: RecipePlace?

    /// The unit called `name`, which the recipe names at `place`.
    package init(_ name: String, place: RecipePlace? = nil) {
      self.name = name
      self.place = place
    }
  }

  /// Units to enable: their [Install] sections say what starts them.
  package var enable: [Unit]
  /// Units to disable: nothing starts them but other units that need them.
  package var disable: [Unit]
  /// Units to mask: nothing starts them at all.
  package var mask: [Unit]

  /// Settings that say only what is given.
  package init(enable: [Unit] = [], disable: [Unit] = [], mask: [Unit] = []) {
    self.enable = enable
    self.disable = disable
    self.mask = mask
  }
}

extension ServiceSettings {
  static let enableKey = ListKey(
    "enable", of: .unitName, "Units that start with the system.", example: "[\"docker\", \"backup.timer\"]")
  static let disableKey = ListKey(
    "disable", of: .unitName, "Units that do not start by themselves.", example: "[\"bluetooth\"]")
  static let maskKey = ListKey("mask", of: .unitName, "Units that nothing starts.", example: "[\"apt-daily.timer\"]")
  static let keys = TableKeys(
    "services", "Units of systemd; without a suffix, a name is that of a service.", [enableKey, disableKey, maskKey])

  init(reading table: TableReader) {
    let units = [Self.enableKey, Self.disableKey, Self.maskKey].map { key in
      (table.located(key) ?? []).map { Unit($0.value, place: $0.place) }
    }
    self.init(enable: units[0], disable: units[1], mask: units[2])
  }
}
