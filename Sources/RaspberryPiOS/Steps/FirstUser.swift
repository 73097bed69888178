import FileTree
import Recipe

// What of a stock image waits for its first user to be named.
extension NodeSystem {
  private static let wizard = "rpi-first-boot-wizard"

  /// Writes or removes the permission to use sudo without a password; nil leaves it, under the user's name.
  mutating func setSudo(_ passwordless: Bool?, of user: String) throws(RaspberryPiOSError) {
    // sudo(8) skips files whose names hold a dot.
    let file = "010_\(user.replacing(".", with: "_"))-nopasswd"
    let path = TreePath("etc/sudoers.d").appending(text: file)
    let stock: TreePath = "etc/sudoers.d/010_pi-nopasswd"
    let isOurs = try root.text(at: stock)?.firstIndex { $0.words.first == user } != nil
    if isOurs, path != stock, !root.has(path), let name = Name(Array(file.utf8)) { try root.rename(stock, to: name) }
    switch passwordless {
    case nil: break
    case true?: try root.write("\(user) ALL=(ALL) NOPASSWD: ALL\n", to: path, mode: 0o440, time: time)
    case false?: try root.removeIfPresent(path)
    }
  }

  /// Undoes what `rename-user` armed: the dialog on the console, the banner of sshd, the sleeping getty.
  mutating func cancelUserRename(firstUser: String) throws(RaspberryPiOSError) {
    let wasArmed = StockImage.isRenameArmed(root)
    try disable("userconfig.service")
    try root.removeIfPresent("etc/ssh/sshd_config.d/rename_user.conf")
    try root.removeIfPresent("var/lib/userconf-pi/autologin")
    for name: TreePath in ["failed_userconf", "failed_userconf.txt"] {
      try boot.removeIfPresent(boot.pathIgnoringCase(name))
    }
    if wasArmed, root.unitPath("getty@tty1.service") != nil { try root.enableUnit("getty@tty1.service", time: time) }
    for name: TreePath in ["userconf", "userconf.txt"] { try boot.removeIfPresent(boot.pathIgnoringCase(name)) }
  }

  /// Removes the user that runs the wizard of images with a desktop, and gives its automatic login to the first user.
  mutating func removeWizard(_ accounts: inout AccountDatabase) throws(RaspberryPiOSError) {
    guard accounts.user(NodeSystem.wizard) != nil else { return }
    accounts.remove(NodeSystem.wizard)
    for path: TreePath in [
      "etc/xdg/autostart/piwiz.desktop", "etc/sudoers.d/010_wiz-nopasswd", "home/rpi-first-boot-wizard",
    ] { try root.removeIfPresent(path) }
    let isAutomatic = root.has("var/lib/userconf-pi/autologin")
    try replaceAutologin(of: NodeSystem.wizard, by: isAutomatic ? recipe.users[0].name : nil)
  }
}
