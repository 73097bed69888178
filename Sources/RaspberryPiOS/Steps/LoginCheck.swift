import Bytes
import FileTree
import Recipe

extension NodeSystem {
  /// Checks that somebody can enter the finished node, and become root there.
  ///
  /// A recipe without users leaves the image's own accounts or its wizard: what is wrong with those is a warning. So is
  /// what a recipe says on purpose: a `shell` that lets nobody in, or `passwordless_sudo = false`, for each of its users.
  ///
  /// - Throws: `.recipe` at the first user if nobody can.
  mutating func checkLogins() throws(RaspberryPiOSError) {
    let namesUser = ["userconf", "userconf.txt"].contains { boot.has(boot.pathIgnoringCase($0)) }
    if recipe.users.isEmpty, namesUser || StockImage.isRenameArmed(root) { return }
    let logins = try Logins(root)
    guard !logins.entries.isEmpty else {
      let reasons = recipe.users.map { logins.reason(against: $0.name) }
      let isMeant = recipe.users.allSatisfy { $0.shell.map { !root.letsIn(shell: $0.value) } ?? false }
      return try report(
        "nobody can log in to \(recipe.name)" + (reasons.isEmpty ? "" : ": ") + reasons.joined(separator: ", "),
        hint: "give [user] a password_hash, or authorized_keys with [ssh] enabled", isMeant: isMeant)
    }
    let sudo = try SudoRules(root)
    guard !logins.canBecomeRoot(by: sudo) else { return }
    let isMeant = recipe.users.allSatisfy { $0.passwordlessSudo == false }
    let reasons = logins.entries.map { logins.reason(againstRootFor: $0, by: sudo) }
    try report(
      "nobody who can log in to \(recipe.name) can become root: " + reasons.joined(separator: ", "),
      hint: "give the user a password_hash and the group sudo, or passwordless_sudo = true", isMeant: isMeant)
  }

  private mutating func report(_ text: String, hint: String, isMeant: Bool) throws(RaspberryPiOSError) {
    if isMeant { return warn(text) }
    throw .recipe(text, place: recipe.users.first?.place, hint: hint)
  }
}

/// Who can get a shell on a system.
struct Logins {
  /// The users that can, by a password or by a key.
  private(set) var entries: [AccountDatabase.User] = []
  private let root: FileTree
  private let accounts: AccountDatabase
  private let acceptsKeys: Bool

  init(_ root: FileTree) throws(RaspberryPiOSError) {
    self.root = root
    accounts = try AccountDatabase(root)
    acceptsKeys = root.isUnitEnabled("ssh.service") || root.isUnitEnabled("ssh.socket")
    for user in accounts.users where root.letsIn(shell: user.shell) {
      let isConsole = try hasPassword(user.name) ? true : hasAutologin(user.name)
      let isKeyed = try acceptsKeys ? hasKeys(user) : false
      if isConsole || isKeyed { entries.append(user) }
    }
  }

  /// Whether a password can match what shadow holds.
  private func hasPassword(_ name: String) -> Bool {
    guard let field = accounts.password(of: name), let first = field.first else { return false }
    return first != "!" && first != "*"
  }

  private func hasKeys(_ user: AccountDatabase.User) throws(RaspberryPiOSError) -> Bool {
    guard let home = user.homePath else { return false }
    for name in ["authorized_keys", "authorized_keys2"] {
      let list = try root.text(at: home.appending(text: ".ssh").appending(text: name))
      if let list, list.firstIndex(where: { !$0.trimmed.isEmpty && !$0.trimmed.hasPrefix("#") }) != nil { return true }
    }
    return false
  }

  /// Whether a console logs the user in by itself.
  private func hasAutologin(_ name: String) throws(RaspberryPiOSError) -> Bool {
    let folder: TreePath = "etc/systemd/system"
    let renaming = UserRenaming(old: name, new: name, oldHome: "", newHome: "", renamesGroup: false)
    for unit in root.names(in: folder) where "\(unit)".contains("getty@") && "\(unit)".hasSuffix(".d") {
      for file in root.names(in: folder.appending(unit)) {
        guard let text = try root.text(at: folder.appending(unit).appending(file)) else { continue }
        if text.firstIndex(where: { renaming.replacingAutologin($0, by: "") != $0 }) != nil { return true }
      }
    }
    return false
  }

  /// Whether one of the users that can log in can become root.
  func canBecomeRoot(by sudo: SudoRules) -> Bool {
    if entries.contains(where: { $0.uid == 0 }) || hasPassword("root") { return true }
    return entries.contains { user in
      switch sudo.permission(of: user.name, groups: groups(of: user)) {
      case .withoutPassword: true
      case .withPassword: hasPassword(user.name)
      case nil: false
      }
    }
  }

  /// Why the user of that name cannot log in.
  func reason(against name: String) -> String {
    guard let user = accounts.user(name) else { return "\(name) is no account of the node" }
    guard root.letsIn(shell: user.shell) else { return "the shell of \(name) lets nobody in" }
    if (try? hasKeys(user)) == true { return "\(name) has keys, and no SSH server is enabled" }
    return "\(name) has neither a password nor a key"
  }

  /// Why a user that can log in cannot become root.
  func reason(againstRootFor user: AccountDatabase.User, by sudo: SudoRules) -> String {
    switch sudo.permission(of: user.name, groups: groups(of: user)) {
    case nil: "\(user.name) is not in the group sudo"
    default: "sudo asks \(user.name) for a password, and there is none"
    }
  }

  private func groups(of user: AccountDatabase.User) -> [String] {
    accounts.groups(of: user.name) + [accounts.groupName(gid: user.gid)].compactMap(\.self)
  }
}
