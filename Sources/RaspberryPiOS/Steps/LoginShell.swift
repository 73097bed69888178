import FileTree

extension FileTree {
  /// Whether somebody whose login shell in passwd(5) is `shell` gets a prompt: it is a program of the system, and none
  /// that ends at once.
  func letsIn(shell: String) -> Bool {
    // login(1) and sshd take an empty field for /bin/sh.
    let shell = shell.isEmpty ? "/bin/sh" : shell
    guard shell.hasPrefix("/"), let path = TreePath(shell), let name = path.names.last,
      !["nologin", "false", "true", "sync"].contains("\(name)"), let inode = inode(at: path), case .file = inode.body
    else { return false }
    return inode.mode & 0o111 != 0
  }

  /// The shell of a new user: SHELL of useradd(8) if it lets somebody in, else bash, else sh.
  func defaultShell() throws(RaspberryPiOSError) -> String {
    let configured = try text(at: "etc/default/useradd")?.value(of: "SHELL")
    let candidates = [configured, "/bin/bash", "/bin/sh"].compactMap(\.self).filter { !$0.isEmpty }
    guard let shell = candidates.first(where: { letsIn(shell: $0) }) else {
      throw .unsupported("the image has neither /bin/bash nor /bin/sh, so nobody could log in")
    }
    return shell
  }
}
