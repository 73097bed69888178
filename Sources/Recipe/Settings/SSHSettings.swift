import SystemPackage

/// `[ssh]`: how the node is reached.
package struct SSHSettings: Sendable {
  /// Where the node's host keys come from.
  package enum HostKeys: Sendable, Hashable {
    /// Computed from the fleet seed, which must then be set, and the node's name.
    case derived
    /// Made by the node on its first start.
    case firstBoot
    /// The `ssh_host_*` files of this folder.
    case folder(FilePath)
  }
  /// nil: yes if the recipe gives any user a key, else as the image has it.
  package var enabled: Bool?
  /// nil: as the image has it.
  package var passwordAuthentication: Bool?
  /// Keys for the first user.
  package var authorizedKeys: [String]
  /// Where the node's host keys come from; its first start where the recipe says nothing.
  package var hostKeys: HostKeys

  /// Settings that say only what is given.
  package init(
    enabled: Bool? = nil, passwordAuthentication: Bool? = nil, authorizedKeys: [String] = [],
    hostKeys: HostKeys = .firstBoot
  ) {
    self.enabled = enabled
    self.passwordAuthentication = passwordAuthentication
    self.authorizedKeys = authorizedKeys
    self.hostKeys = hostKeys
  }
}

extension SSHSettings {
  static let enabledKey = Key(
    "enabled", .boolean, "Whether the ssh server starts.", example: "true",
    fallback: "true where the recipe gives keys, else as the image has it")
  static let passwordAuthenticationKey = Key(
    "password_authentication", .boolean, "Whether a password is enough to log in by ssh.", example: "false",
    fallback: "as the image has it")
  static let authorizedKeysKey = ListKey(
    "authorized_keys", of: .authorizedKey, "Public keys for the first user.",
    example: "[\"ssh-ed25519 AAAA… ben@mandalore\"]")
  static let hostKeysKey = Key(
    "host_keys", .hostKeys,
    "Where the node's host keys come from: derived from the fleet's seed, made on the first start, or the ssh_host_* files of a folder.",
    example: "\"derived\"", fallback: "\"first-boot\"")
  static let keys = TableKeys(
    "ssh", "How the node is reached by ssh.", [enabledKey, passwordAuthenticationKey, authorizedKeysKey, hostKeysKey])

  init(reading table: TableReader) {
    self.init(
      enabled: table[Self.enabledKey], passwordAuthentication: table[Self.passwordAuthenticationKey],
      authorizedKeys: table[Self.authorizedKeysKey] ?? [], hostKeys: table[Self.hostKeysKey] ?? .firstBoot)
  }
}
