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
