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
