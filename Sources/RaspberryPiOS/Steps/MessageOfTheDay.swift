import FileTree
import Recipe

extension NodeSystem {
  /// Writes /etc/motd, where the recipe has a message.
  mutating func editMotd(_ settings: MotdSettings) throws(RaspberryPiOSError) {
    guard let text = settings.text else { return }
    // Some systems have a link into /run, which is empty at every start.
    if case .symlink? = root.inode(at: "etc/motd", followingLast: false)?.body { try root.removeIfPresent("etc/motd") }
    try root.write(text.isEmpty || text.hasSuffix("\n") ? text : text + "\n", to: "etc/motd", time: time)
  }
}
