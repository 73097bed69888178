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
  package var groups: [Located<String>]
  /// All groups, instead of those that the image gives its first user; nil: those and `groups`.
  package var groupsOnly: [Located<String>]?
  /// Lines of ~/.ssh/authorized_keys.
  package var authorizedKeys: [String]
  /// nil: as the image has it.
  package var passwordlessSudo: Bool?
  /// The absolute path of the login shell; nil: as the image has it, or its default if that lets nobody in.
  package var shell: Located<String>?
  /// nil: as the image has it, or the next free one.
  package var uid: Located<UInt32>?
  /// Where the recipe begins to describe the account; nil for one that no recipe file describes.
  package var place: RecipePlace?

  /// An account; what is not given is left as the image has it.
  package init(
    name: String, password: Password? = nil, groups: [Located<String>] = [], groupsOnly: [Located<String>]? = nil,
    authorizedKeys: [String] = [], passwordlessSudo: Bool? = nil, shell: Located<String>? = nil,
    uid: Located<UInt32>? = nil,
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
  static let nameKey = Key("name", .userName, "The account's name.", example: "\"ben\"", preseed: "user.name")
  static let passwordKey = Key(
    "password", .password, "The password in clear; it is hashed as the release does it.", example: "\"correct horse\"",
    fallback: "none: the account is for keys alone", preseed: "user.password")
  static let passwordHashKey = Key(
    "password_hash", .passwordHash, "The password as crypt(5) has it.", example: "\"$y$j9T$…\"")
  static let passwordFileKey = Key(
    "password_file", .passwordFile, "A file, relative to this one, that holds the password or its hash.",
    example: "\"secrets/ben\"")
  static let groupsKey = ListKey(
    "groups", of: .groupName, "Groups in addition to those that the release gives its first user.",
    example: "[\"docker\"]")
  static let groupsOnlyKey = ListKey(
    "groups_only", of: .groupName, "All groups, instead of those that the release gives its first user.",
    example: "[\"sudo\"]")
  static let authorizedKeysKey = ListKey(
    "authorized_keys", of: .authorizedKey, "Public keys by which the user may log in.",
    example: "[\"ssh-ed25519 AAAA… ben@mandalore\"]")
  static let passwordlessSudoKey = Key(
    "passwordless_sudo", .boolean, "Whether sudo asks for no password.", example: "true",
    fallback: "as the image has it")
  static let shellKey = Key(
    "shell", .absolutePath, "The login shell.", example: "\"/usr/bin/zsh\"",
    fallback: "as the image has it, or its default if that lets nobody in")
  static let uidKey = Key(
    "uid", .integer(in: 1...4_294_967_293), "The user's number.", example: "1000", fallback: "the next free one")
  static let keys = TableKeys(
    "user", "An account; [[users]] are several, the first of which is the operator's.",
    [
      nameKey, passwordKey, passwordHashKey, passwordFileKey, groupsKey, groupsOnlyKey, authorizedKeysKey,
      passwordlessSudoKey, shellKey, uidKey,
    ],
    exclusives: [
      TableKeys.Exclusive(["password", "password_hash", "password_file"]),
      TableKeys.Exclusive(["groups", "groups_only"]),
    ])

  /// A missing name is empty here; ``NodeChecks`` reports it.
  init(reading table: TableReader) {
    self.init(
      name: table[Self.nameKey] ?? "", password: Password(reading: table), groups: table.located(Self.groupsKey) ?? [],
      groupsOnly: table.located(Self.groupsOnlyKey), authorizedKeys: table[Self.authorizedKeysKey] ?? [],
      passwordlessSudo: table[Self.passwordlessSudoKey], shell: table.located(Self.shellKey),
      uid: table.located(Self.uidKey).map { Located(UInt32($0.value), at: $0.place) }, place: table.settings.place)
  }
}

extension UserSettings.Password {
  init?(reading table: TableReader) {
    let clear = table[UserSettings.passwordKey]
    let file = table[UserSettings.passwordFileKey]
    if let clear, let entry = table.entry(UserSettings.passwordKey) {
      let isHash = CryptHash.resemblesOne(clear.exposed)
      let advice = isHash ? "looks like a crypt(5) string" : "is in clear text"
      let better = isHash ? "write it as password_hash" : "prefer password_hash or password_file"
      table.warn("password", "\(advice); \(better)", at: entry.place)
    }
    if let file, file.isReadableByOthers, let entry = table.entry(UserSettings.passwordFileKey) {
      table.warn("password_file:", "others than its owner can read the file", at: entry.setting.place)
    }
    let password = table[UserSettings.passwordHashKey].map(Self.hash) ?? file?.password ?? clear.map(Self.clear)
    guard let password else { return nil }
    self = password
  }
}
