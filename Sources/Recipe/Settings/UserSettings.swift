/// `[user]` or one of `[[users]]`: an account.
package struct UserSettings: Sendable {
  /// What the account's password is.
  package enum Password: Sendable {
    /// Clear text, from the recipe or a file beside it.
    case clear(Secret)
    /// A crypt(5) string.
    case hash(Secret)
  }
  /// A name that useradd accepts.
  package var name: String
  /// nil: the account has no password, only keys.
  package var password: Password?
  /// Groups in addition to those that the image gives its first user.
  package var groups: [String]
  /// All groups, instead of those that the image gives its first user; nil: those and `groups`.
  package var groupsOnly: [String]?
  /// Lines of ~/.ssh/authorized_keys.
  package var authorizedKeys: [String]
  /// nil: as the image has it.
  package var passwordlessSudo: Bool?
  /// The absolute path of the login shell; nil: as the image has it, or its default if that lets nobody in.
  package var shell: String?
  /// nil: as the image has it, or the next free one.
  package var uid: UInt32?
  /// Where the recipe begins to describe the account; nil for one that no recipe file describes.
  package var place: RecipePlace?

  /// An account of which only what is given is said.
  package init(
    name: String, password: Password? = nil, groups: [String] = [], groupsOnly: [String]? = nil,
    authorizedKeys: [String] = [], passwordlessSudo: Bool? = nil, shell: String? = nil, uid: UInt32? = nil,
    place: RecipePlace? = nil
  ) {
    self.name = name
    self.password = password
    self.groups = groups
    self.groupsOnly = groupsOnly
    self.authorizedKeys = authorizedKeys
    self.passwordlessSudo = passwordlessSudo
    self.shell = shell
    self.uid = uid
    self.place = place
  }
}

extension UserSettings {
  /// The keys of which an account has one: what a later file says displaces what an earlier one does.
  static let passwordKeys = ["password", "password_hash", "password_file"]
  /// The keys that say which groups an account has; one of them, too.
  static let groupKeys = ["groups", "groups_only"]

  /// A missing name is empty here; ``NodeChecks`` reports it.
  init(reading table: TableReader) {
    self.init(
      name: table.value("name", .userName) ?? "",
      password: Password(reading: table),
      groups: table.list("groups", of: .groupName) ?? [],
      groupsOnly: table.list("groups_only", of: .groupName),
      authorizedKeys: table.list("authorized_keys", of: .authorizedKey) ?? [],
      passwordlessSudo: table.value("passwordless_sudo", .boolean),
      shell: table.value("shell", .absolutePath),
      uid: table.value("uid", .integer(in: 1...4_294_967_293)).map { UInt32($0) },
      place: table.settings.place)
    table.permitOne(of: UserSettings.groupKeys)
  }
}

extension UserSettings.Password {
  init?(reading table: TableReader) {
    let clear = table.value("password", .password)
    let hash = table.value("password_hash", .passwordHash)
    let file = table.value("password_file", .passwordFile)
    table.permitOne(of: UserSettings.passwordKeys)
    if let clear, let place = table.settings["password"]?.place {
      let isHash = CryptHash.resemblesOne(clear.exposed)
      let advice = isHash ? "looks like a crypt(5) string" : "is in clear text"
      let better = isHash ? "write it as password_hash" : "prefer password_hash or password_file"
      table.log.warning("\(table.subject("password")) \(advice); \(better)", at: place)
    }
    if let file, file.isReadableByOthers, let place = table.settings["password_file"]?.setting.place {
      table.log.warning("\(table.subject("password_file")): others than its owner can read the file", at: place)
    }
    guard let password = hash.map(Self.hash) ?? file?.password ?? clear.map(Self.clear) else { return nil }
    self = password
  }
}
