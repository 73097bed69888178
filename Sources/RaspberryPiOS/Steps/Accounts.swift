import Bytes
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
    try authorize(recipe.ssh.authorizedKeys, home: try home(of: user), uid: user.uid, gid: user.gid)
  }

  /// The image's first user, renamed to what the recipe calls it; a new one where the image has none.
  private mutating func takeFirstUser(
    _ settings: UserSettings, _ groups: [String], _ accounts: inout AccountDatabase
  ) throws(RaspberryPiOSError) -> AccountDatabase.User {
    guard accounts.user(settings.name) == nil, accounts.gid(of: settings.name) == nil,
      let old = accounts.user(uid: 1000)
    else { return try takeUser(settings, groups, &accounts) }
    let ownsGroup = accounts.gid(of: old.name) == old.gid
    accounts.rename(old, to: settings.name)
    let oldHome = try home(of: old)
    if old.home == "/home/\(old.name)", let name = Name(Array(settings.name.utf8)), root.has(oldHome) {
      try root.rename(oldHome, to: name)
    }
    let user = try found(settings.name, accounts)
    try rename(
      UserRenaming(old: old.name, new: user.name, oldHome: old.home, newHome: user.home, renamesGroup: ownsGroup))
    return user
  }

  /// The user that `settings` name, added as a member of `groups` where it is not there.
  private mutating func takeUser(
    _ settings: UserSettings, _ groups: [String], _ accounts: inout AccountDatabase
  ) throws(RaspberryPiOSError) -> AccountDatabase.User {
    if let user = accounts.user(settings.name) {
      guard (1000...60000).contains(user.uid) else {
        throw .recipe("[user] name \"\(settings.name)\" is an account of the system", place: settings.place)
      }
      return user
    }
    guard accounts.gid(of: settings.name) == nil else {
      throw .recipe(
        "[user] name \"\(settings.name)\" is a group of the image", place: settings.place, hint: "choose another name")
    }
    let uid = settings.uid?.value ?? accounts.nextUID
    if let other = accounts.user(uid: uid) {
      throw .recipe(
        "[user] \(settings.name): uid \(uid) is \(other.name)'s", place: settings.uid?.place ?? settings.place)
    }
    let first = accounts.user(uid: 1000)
    let inherited = first.flatMap { root.letsIn(shell: $0.shell) ? $0.shell : nil }
    let shell: String
    if let given = settings.shell?.value ?? inherited { shell = given } else { shell = try root.defaultShell() }
    let user = AccountDatabase.User(
      name: settings.name, uid: uid, gid: accounts.freeGID(uid), home: "/home/\(settings.name)",
      shell: shell)
    accounts.add(user, lastChange: first.flatMap { accounts.lastChange(of: $0.name) } ?? "")
    accounts.setGroups(of: user.name, to: groups)
    return user
  }

  /// What the recipe says of a user that is there.
  private mutating func set(
    _ settings: UserSettings, of user: AccountDatabase.User, isFirst: Bool, _ accounts: inout AccountDatabase
  ) throws(RaspberryPiOSError) {
    let day = time.seconds / 86400
    accounts.setPassword(try passwordField(settings), of: user.name, day: day)
    setGroups(settings, of: user.name, &accounts)
    if let shell = settings.shell {
      if root.has(path(shell.value)) {
        accounts.setShell(shell.value, of: user.name)
      } else {
        problems.append(
          .recipe("[user] \(user.name): the image has no shell \(shell.value)", place: shell.place ?? settings.place))
      }
    } else if !root.letsIn(shell: user.shell) {
      // Since April 2026 the stock user's is nologin until somebody gives it a name; userconf sets it then.
      accounts.setShell(try root.defaultShell(), of: user.name)
    }
    var uid = user.uid
    if let wanted = settings.uid?.value, wanted != uid {
      if let other = accounts.user(uid: wanted) {
        throw .recipe(
          "[user] \(user.name): uid \(wanted) is \(other.name)'s", place: settings.uid?.place ?? settings.place)
      }
      accounts.setUID(wanted, of: user.name)
      changeOwner(of: try home(of: user), from: uid, to: wanted)
      uid = wanted
    }
    try makeHome(try home(of: user), uid: uid, gid: user.gid, like: isFirst ? nil : accounts.user(uid: 1000))
    let keys = settings.authorizedKeys + (isFirst ? recipe.ssh.authorizedKeys : [])
    try authorize(keys, home: try home(of: user), uid: uid, gid: user.gid)
    try setSudo(settings.passwordlessSudo, of: user.name)
  }

  /// Adds the groups that the recipe names, or sets exactly those of `groups_only`.
  private mutating func setGroups(_ settings: UserSettings, of user: String, _ accounts: inout AccountDatabase) {
    for group in settings.groupsOnly ?? settings.groups where accounts.gid(of: group.value) == nil {
      problems.append(
        .recipe(
          "[user] \(user): the image has no group \"\(group.value)\"", place: group.place ?? settings.place,
          hint: group.value.nearest(in: accounts.groupNames).map { "did you mean \"\($0)\"?" }))
    }
    accounts.setGroups(
      of: user,
      to: settings.groupsOnly?.map(\.value) ?? accounts.groups(of: user) + settings.groups.map(\.value))
  }

  /// The groups of the image's first user, from Raspberry Pi's own list, where there is no first user.
  private func defaultGroups(_ accounts: AccountDatabase) -> [String] {
    let list = "adm dialout cdrom audio users sudo video games plugdev input gpio spi i2c netdev render"
    return list.words.filter { accounts.gid(of: $0) != nil }
  }

  private mutating func passwordField(_ settings: UserSettings) throws(RaspberryPiOSError) -> String {
    switch settings.password {
    case nil: return Password.none
    case .hash(let hash):
      guard Password.isHash(hash.exposed) else {
        throw .recipe("[user] \(settings.name): password_hash is not a crypt(5) string")
      }
      return hash.exposed
    case .clear(let clear):
      if !identity.repeats {
        warn(
          "the salt of \(settings.name)'s password is random, so that no two builds are the same: fleet_seed_file or "
            + "password_hash makes them so")
      }
      return try Password.hash(
        clear, method: (release ?? 12) < 12 ? .sha512 : .yescrypt,
        random: identity.privateBytes(for: "password salt of \(settings.name)"))
    }
  }

  /// A path of the root that a file of the root names; the root itself for what is no path.
  private func path(_ text: String) -> TreePath { TreePath(text) ?? TreePath() }

  /// The home of a user whose files are edited.
  ///
  /// - Throws: `.unsupported` if passwd(5) names no folder below the root.
  func home(of user: AccountDatabase.User) throws(RaspberryPiOSError) -> TreePath {
    guard let path = user.homePath else {
      throw .unsupported(
        "/etc/passwd gives \(user.name) the home \"\(Array(user.home.utf8).escaped)\", no folder below /")
    }
    return path
  }

  private func found(_ name: String, _ accounts: AccountDatabase) throws(RaspberryPiOSError) -> AccountDatabase.User {
    guard let user = accounts.user(name) else { throw .unsupported("/etc/passwd has no usable line for \(name)") }
    return user
  }
}
