/// `[sysctl]`: parameters of the running kernel.
package struct SysctlSettings: Sendable {
  /// One parameter.
  package struct Parameter: Sendable {
    /// The name as sysctl.d(5) spells it, such as "net.ipv4.ip_forward" or "net/ipv4/conf/eth0.1/forwarding".
    package var name: String
    /// The value, on one line.
    package var value: String
    /// Where the recipe names the parameter.
    package var place: RecipePlace?

    /// The parameter called `name`.
    package init(name: String, value: String, place: RecipePlace? = nil) {
      self.name = name
      self.value = value
      self.place = place
    }
  }
  /// The parameters in the order in which they are set.
  package var parameters: [Parameter]

  /// Settings that say only what is given.
  package init(parameters: [Parameter] = []) { self.parameters = parameters }
}

extension SysctlSettings {
  static let anyKey = Key(
    "PARAMETER", .plainValue, "The value of a parameter of the kernel, as sysctl.d(5) names it.", example: "1")
  static let keys = TableKeys("sysctl", "Parameters of the running kernel.", [], others: anyKey)

  init(reading table: TableReader) {
    self.init(
      parameters: table.others(Self.keys, .plainValue).map {
        Parameter(name: $0.name.value, value: $0.value, place: $0.name.place)
      })
  }
}
