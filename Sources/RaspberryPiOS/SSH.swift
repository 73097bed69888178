import FileTree
import Recipe

import struct SystemPackage.FilePath

extension NodeSystem {
  /// Enables or disables the server and says who may log in with a password, where the recipe says so.
  mutating func editSSH() throws(RaspberryPiOSError) {
    // Keys of the recipe would be of no use without the server.
    let hasKeys = !recipe.ssh.authorizedKeys.isEmpty || recipe.users.contains { !$0.authorizedKeys.isEmpty }
    if let enabled = recipe.ssh.enabled ?? (hasKeys ? true : nil) {
      if enabled {
        guard root.unitPath("ssh.service") != nil else {
          let need = recipe.ssh.enabled == true ? "[ssh] enabled = true needs" : "the recipe's authorized_keys need"
          throw .unsupported("the image has no openssh-server, which \(need)")
        }
        try root.enableUnit("ssh.service", time: time)
      } else {
        try disable("ssh.service")
        try disable("ssh.socket")
      }
      // sshswitch would enable the server by this file, on a node without its own boot partition again and again.
      for name: TreePath in ["ssh", "ssh.txt"] { try boot.removeIfPresent(boot.pathIgnoringCase(name)) }
    }
    if let allowed = recipe.ssh.passwordAuthentication { try allowPasswords(allowed) }
  }

  /// sshd_config(5): the first value of a keyword is the one that counts.
  private mutating func allowPasswords(_ allowed: Bool) throws(RaspberryPiOSError) {
    let line = "PasswordAuthentication \(allowed ? "yes" : "no")"
    // Without passwords, PAM must not ask for them in its own way either.
    let lines = allowed ? [line] : [line, "KbdInteractiveAuthentication no"]
    guard var config = try root.text(at: "etc/ssh/sshd_config") else {
      throw .unsupported("the image has no /etc/ssh/sshd_config, which [ssh] password_authentication needs")
    }
    if let include = config.firstIndex(where: NodeSystem.includesDropIns),
      config.indices.prefix(include).allSatisfy({ !config[$0].trimmed.lowercased().hasPrefix("passwordauthentication") }
      )
    {
      let text = lines.map { $0 + "\n" }.joined()
      try root.write(text, to: "etc/ssh/sshd_config.d/01-pibake.conf", time: time)
    } else if config.indices.prefix(lines.count).map({ config[$0] }) != lines {
      for line in lines.reversed() { config.prepend(line) }
      try root.write(config.bytes, to: "etc/ssh/sshd_config", time: time)
    }
  }

  private static func includesDropIns(_ line: String) -> Bool {
    let words = line.words
    return words.first?.lowercased() == "include" && words.dropFirst().contains("/etc/ssh/sshd_config.d/*.conf")
  }

  /// Gives the server its keys, or makes sure that the node makes them on its first start.
  mutating func setHostKeys() throws(RaspberryPiOSError) {
    switch recipe.ssh.hostKeys {
    case .firstBoot:
      try removeHostKeys()
      try makeKeysOnFirstStart()
    case .derived:
      guard recipe.fleetSeed != nil else {
        throw .recipe("[ssh] host_keys = \"derived\" needs a fleet_seed: without one anybody could derive them")
      }
      let key = try HostKey(identity, hostname: recipe.system.hostname)
      try removeHostKeys()
      try root.write(key.privateFile, to: "etc/ssh/ssh_host_ed25519_key", mode: 0o600, time: time)
      try root.write("\(key.publicLine)\n", to: "etc/ssh/ssh_host_ed25519_key.pub", time: time)
      try keepKeys()
    case .folder(let folder):
      try copyHostKeys(from: folder)
      try keepKeys()
    }
  }

  /// Copies the `ssh_host_*` files of a folder of this machine, which may be readable there by others.
  private mutating func copyHostKeys(from folder: FilePath) throws(RaspberryPiOSError) {
    let (tree, id, _) = try imported(folder, place: nil)
    guard let top = tree.directory(tree.root), let directory = tree.directory(id) else {
      throw .recipe("[ssh] host_keys: \(folder) is no folder")
    }
    try removeHostKeys()
    var count = 0
    for entry in directory where entry.name.bytes.starts(with: "ssh_host_".utf8) {
      guard let bytes = try tree.bytes(at: TreePath([top[0].name, entry.name])) else { continue }
      let mode: UInt16 = entry.name.bytes.suffix(4).elementsEqual(".pub".utf8) ? 0o644 : 0o600
      try root.write(bytes, to: TreePath("etc/ssh").appending(entry.name), mode: mode, time: time)
      count += 1
    }
    guard count > 0 else { throw .recipe("[ssh] host_keys: \(folder) holds no ssh_host_* files") }
  }

  /// The names of the host keys in the system.
  static func hostKeys(in root: FileTree) -> [TreePath] {
    root.names(in: "etc/ssh").filter { name in
      name.bytes.starts(with: "ssh_host_".utf8) && String(decoding: name.bytes, as: UTF8.self).contains("_key")
    }.map { TreePath("etc/ssh").appending($0) }
  }

  private mutating func removeHostKeys() throws(RaspberryPiOSError) {
    for path in NodeSystem.hostKeys(in: root) { try root.removeIfPresent(path) }
  }

  /// Raspberry Pi's unit removes all keys before it makes new ones: it must not start where keys are given.
  private mutating func keepKeys() throws(RaspberryPiOSError) {
    try disable("regenerate_ssh_host_keys.service")
    try disable(NodeSystem.keyUnit.name)
  }

  private mutating func makeKeysOnFirstStart() throws(RaspberryPiOSError) {
    if root.unitPath("regenerate_ssh_host_keys.service") != nil {
      return try root.enableUnit("regenerate_ssh_host_keys.service", time: time)
    }
    guard root.has("usr/bin/ssh-keygen") else { return }
    // Debian's own unit is off where a machine id is set beforehand (ConditionFirstBoot).
    try root.install(NodeSystem.keyUnit, time: time)
  }

  private static let keyUnit = OwnUnit(
    name: "pibake-ssh-host-keys.service",
    text: """
      [Unit]
      Description=Make the SSH host keys
      Before=ssh.service
      ConditionPathExists=!/etc/ssh/ssh_host_ed25519_key

      [Service]
      Type=oneshot
      ExecStart=/usr/bin/ssh-keygen -A

      [Install]
      WantedBy=multi-user.target

      """)
}
