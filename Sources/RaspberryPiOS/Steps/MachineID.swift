import FileTree
import Recipe

extension NodeSystem {
  /// Gives the machine its id, or makes sure that it gets one on its first start.
  mutating func setMachineID() throws(RaspberryPiOSError) {
    switch recipe.system.machineID {
    case .derived: try writeMachineID("\(identity.machineID)\n")
    case .given(let id): try writeMachineID("\(id)\n")
    case .firstBoot:
      // machine-id(5): an empty file is filled in and is no first boot. The word "uninitialized" would be one: systemd
      // then applies presets, and Debian's enable nearly every unit of the image. Where the root is read-only so early,
      // systemd-machine-id-commit.service writes the id later, if the root ever becomes writable.
      try writeMachineID("")
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
