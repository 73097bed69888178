import FileTree
import Recipe

extension NodeSystem {
  /// Gives the machine its id, or makes sure that it gets one on its first start.
  mutating func setMachineID() throws(RaspberryPiOSError) {
    switch recipe.system.machineID {
    case .derived: try writeMachineID("\(identity.machineID)\n")
    case .given(let id): try writeMachineID("\(id)\n")
    case .firstBoot:
      // machine-id(5): both forms are filled in on the first start.
      let id = try root.firstLine(of: "etc/machine-id")
      if id != "", id != "uninitialized" { try writeMachineID("") }
    }
    // D-Bus keeps a copy where it is not a link; an old one would give the node two ids.
    if case .file? = root.inode(at: "var/lib/dbus/machine-id", followingLast: false)?.body {
      try root.removeIfPresent("var/lib/dbus/machine-id")
    }
  }

  private mutating func writeMachineID(_ text: String) throws(RaspberryPiOSError) {
    try root.write(text, to: "etc/machine-id", mode: 0o444, time: time)
  }
}
