import FileTree
import Recipe

extension NodeSystem {
  /// Renames the image's first user and adds the others that the recipe names, as userconf and useradd would.
  mutating func editAccounts() throws(RaspberryPiOSError) {
    guard !recipe.users.isEmpty else {
      try authorizeStockUser()
      if StockImage.isRenameArmed(root),
        !["userconf", "userconf.txt"].contains(where: { boot.has(boot.pathIgnoringCase($0)) })
      {
        warn("the recipe names no [user]: the image asks for one on its console")
      }
      return
    }
    var accounts = try AccountDatabase(root)
    try removeWizard(&accounts)
    let groups = accounts.user(uid: 1000).map { accounts.groups(of: $0.name) } ?? defaultGroups(accounts)
    for (index, user) in recipe.users.enumerated() {
      let existing = try index == 0 ? takeFirstUser(user, groups, &accounts) : takeUser(user, groups, &accounts)
      try set(user, of: existing, isFirst: index == 0, &accounts)
    }
    try accounts.write(to: &root, time: time)
    try cancelUserRename(firstUser: recipe.users[0].name)
  }

  /// Without users in the recipe, the keys of `[ssh]` are for the image's own.
  private mutating func authorizeStockUser() throws(RaspberryPiOSError) {
    guard !recipe.ssh.authorizedKeys.isEmpty else { return }
    guard let user = try AccountDatabase(root).user(uid: 1000) else {
      throw .recipe("[ssh] authorized_keys are for the first user, and neither the recipe nor the image has one")
    }
    try authorize(recipe.ssh.authorizedKeys, home: user.home, uid: user.uid, gid: user.gid)
  }

  /// The image's first user, renamed to what the recipe calls it; a new one where the image has none.
  private mutating func takeFirstUser(
    _ settings: UserSettings, _ groups: [String], _ accounts: inout AccountDatabase
  ) throws(RaspberryPiOSError) -> AccountDatabase.User {
    guard accounts.user(settings.name) == nil, accounts.gid(of: settings.name) == nil,
      let old = accounts.user(uid: 1000)
    else { return try takeUser(settings, groups, &accounts) }
    accounts.rename(old, to: settings.name)
    if old.home == "/home/\(old.name)", let name = Name(Array(settings.name.utf8)), root.has(path(old.home)) {
      try root.rename(path(old.home), to: name)
    }
    try renameElsewhere(old.name, to: settings.name)
    return try found(settings.name, accounts)
  }

  /// The user that `settings` name, added as a member of `groups` where it is not there.
  private mutating func takeUser(
    _ settings: UserSettings, _ groups: [String], _ accounts: inout AccountDatabase
  ) throws(RaspberryPiOSError) -> AccountDatabase.User {
    if let user = accounts.user(settings.name) {
      guard (1000...60000).contains(user.uid) else {
        throw .recipe("[user] name \"\(settings.name)\" is an account of the system")
      }
      return user
    }
    guard accounts.gid(of: settings.name) == nil else {
      throw .recipe("[user] name \"\(settings.name)\" is a group of the image", hint: "choose another name")
    }
    let uid = settings.uid ?? accounts.nextUID
    if let other = accounts.user(uid: uid) { throw .recipe("[user] \(settings.name): uid \(uid) is \(other.name)'s") }
    let first = accounts.user(uid: 1000)
    let user = AccountDatabase.User(
      name: settings.name, uid: uid, gid: accounts.freeGID(uid), home: "/home/\(settings.name)",
      shell: settings.shell ?? first?.shell ?? "/bin/bash")
    accounts.add(user, lastChange: first.flatMap { accounts.lastChange(of: $0.name) } ?? "")
    accounts.setGroups(of: user.name, to: groups)
    try makeHome(of: user, like: first)
    return user
  }

  /// What the recipe says of a user that is there.
  private mutating func set(
    _ settings: UserSettings, of user: AccountDatabase.User, isFirst: Bool, _ accounts: inout AccountDatabase
  ) throws(RaspberryPiOSError) {
    let day = "\(time.seconds / 86400)"
    accounts.setPassword(try passwordField(settings), of: user.name, day: day)
    if let groups = settings.groups {
      for group in groups where accounts.gid(of: group) == nil {
        throw .recipe(
          "[user] \(user.name): the image has no group \"\(group)\"",
          hint: group.nearest(in: accounts.groupNames).map { "did you mean \"\($0)\"?" })
      }
      accounts.setGroups(of: user.name, to: groups)
    }
    if let shell = settings.shell {
      guard root.has(path(shell)) else { throw .recipe("[user] \(user.name): the image has no shell \(shell)") }
      accounts.setShell(shell, of: user.name)
    }
    var uid = user.uid
    if let wanted = settings.uid, wanted != uid {
      if let other = accounts.user(uid: wanted) {
        throw .recipe("[user] \(user.name): uid \(wanted) is \(other.name)'s")
      }
      accounts.setUID(wanted, of: user.name)
      changeOwner(of: path(user.home), from: uid, to: wanted)
      uid = wanted
    }
    let keys = settings.authorizedKeys + (isFirst ? recipe.ssh.authorizedKeys : [])
    try authorize(keys, home: user.home, uid: uid, gid: user.gid)
    try setSudo(settings.passwordlessSudo, of: user.name)
  }

  /// The groups of the image's first user, from Raspberry Pi's own list, where there is no first user.
  private func defaultGroups(_ accounts: AccountDatabase) -> [String] {
    let list = "adm dialout cdrom audio users sudo video games plugdev input gpio spi i2c netdev render"
    return list.words.filter { accounts.gid(of: $0) != nil }
  }

  private func passwordField(_ settings: UserSettings) throws(RaspberryPiOSError) -> String {
    switch settings.password {
    case nil: return Password.none
    case .hash(let hash):
      guard Password.isHash(hash.exposed) else {
        throw .recipe("[user] \(settings.name): password_hash is not a crypt(5) string")
      }
      return hash.exposed
    case .clear(let clear):
      return try Password.hash(
        clear, method: (release ?? 12) < 12 ? .sha512 : .yescrypt,
        random: identity.bytes(for: "password salt of \(settings.name)"))
    }
  }

  /// A path of the root that a file of the root names.
  func path(_ text: String) -> TreePath { TreePath(text) ?? TreePath() }

  private func found(_ name: String, _ accounts: AccountDatabase) throws(RaspberryPiOSError) -> AccountDatabase.User {
    guard let user = accounts.user(name) else { throw .unsupported("/etc/passwd has no usable line for \(name)") }
    return user
  }
}
