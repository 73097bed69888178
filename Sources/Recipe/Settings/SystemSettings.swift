/// `[system]`: who the node is.
package struct SystemSettings: Sendable {
  /// What is to stand in /etc/machine-id.
  package enum MachineID: Sendable, Hashable {
    /// Computed from the fleet seed and the node's name.
    case derived
    /// Left to the first start of the node.
    case firstBoot
    /// 32 lower-case hexadecimal digits.
    case given(String)
  }
  /// The host name; the node's name where the recipe says nothing.
  package var hostname: HostName
  /// The machine id; derived where the recipe says nothing.
  package var machineID: MachineID

  /// Settings with a derived machine id, unless another is given.
  package init(hostname: HostName, machineID: MachineID = .derived) {
    self.hostname = hostname
    self.machineID = machineID
  }
}

extension SystemSettings {
  static let hostnameKey = Key(
    "hostname", .hostName, "The host name.", example: "\"nog\"", fallback: "the node's name", preseed: "system.hostname"
  )
  static let machineIDKey = Key(
    "machine_id", .machineID,
    "What stands in /etc/machine-id: derived from the fleet's seed, made on the first start, or 32 hex digits.",
    example: "\"first-boot\"", fallback: "\"derived\"")
  static let keys = TableKeys("system", "Who the node is.", [hostnameKey, machineIDKey])

  /// The settings of the node `name`.
  init(reading table: TableReader, of name: HostName) {
    self.init(hostname: table[Self.hostnameKey] ?? name, machineID: table[Self.machineIDKey] ?? .derived)
  }
}
