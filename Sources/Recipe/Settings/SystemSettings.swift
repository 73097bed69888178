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
