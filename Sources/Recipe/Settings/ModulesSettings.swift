/// `[modules]`: kernel modules that are loaded at every start, their options, and those that are not loaded by themselves.
package struct ModulesSettings: Sendable {
  /// A module that the recipe names.
  package struct Module: Sendable {
    /// The name; "-" and "_" are the same to the kernel.
    package var name: String
    /// Where the recipe names it.
    package var place: RecipePlace?

    /// The module called `name`.
    package init(_ name: String, place: RecipePlace? = nil) {
      self.name = name
      self.place = place
    }
  }
  /// The options of one module.
  package struct Options: Sendable {
    /// Whose options they are.
    package var module: Module
    /// The options as modprobe.d(5) takes them, on one line.
    package var text: String

    /// The options `text` of `module`.
    package init(_ module: Module, _ text: String) {
      self.module = module
      self.text = text
    }
  }
  /// Modules that are loaded at every start, in this order.
  package var load: [Module]
  /// Options of modules, whoever loads them.
  package var options: [Options]
  /// Modules that are not loaded because a device asks for them.
  package var blacklist: [Module]

  /// Settings that say only what is given.
  package init(load: [Module] = [], options: [Options] = [], blacklist: [Module] = []) {
    self.load = load
    self.options = options
    self.blacklist = blacklist
  }
}

extension ModulesSettings {
  static let loadKey = ListKey(
    "load", of: .word, "Kernel modules that are loaded at every start.", example: "[\"i2c-dev\"]")
  static let blacklistKey = ListKey(
    "blacklist", of: .word, "Kernel modules that no device loads by itself.", example: "[\"brcmfmac\"]")
  static let optionKey = Key("MODULE", .line, "The options of a module.", example: "\"power_save=0\"")
  static let optionKeys = TableKeys("options", "Options of kernel modules.", [], others: optionKey)
  static let keys = TableKeys("modules", "Kernel modules.", [loadKey, optionKeys.table, blacklistKey])

  init(reading table: TableReader) {
    self.init(
      load: (table.located(Self.loadKey) ?? []).map { Module($0.value, place: $0.place) },
      options: table.table(Self.optionKeys).others(Self.optionKeys, .line).map {
        Options(Module($0.name.value, place: $0.name.place), $0.value)
      },
      blacklist: (table.located(Self.blacklistKey) ?? []).map { Module($0.value, place: $0.place) })
  }
}
