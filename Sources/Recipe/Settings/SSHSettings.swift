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
  init(reading table: TableReader) {
    self.init(
      enabled: table.value("enabled", .boolean),
      passwordAuthentication: table.value("password_authentication", .boolean),
      authorizedKeys: table.list("authorized_keys", of: .authorizedKey) ?? [],
      hostKeys: table.value("host_keys", .hostKeys) ?? .firstBoot)
  }
}
