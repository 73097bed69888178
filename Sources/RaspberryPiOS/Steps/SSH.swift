import Bytes
import FileTree
import Recipe

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

  static func includesDropIns(_ line: String) -> Bool {
    let words = line.words
    return words.first?.lowercased() == "include" && words.dropFirst().contains("/etc/ssh/sshd_config.d/*.conf")
  }
}
