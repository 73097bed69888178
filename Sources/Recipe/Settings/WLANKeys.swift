extension WLANSettings {
  /// How a network authenticates the node, in the words of recipes.
  enum KeyManagement: String, CaseIterable, Sendable {
    case none
    case wpaPSK = "wpa-psk"
    case sae
    case either = "wpa-psk-sae"
    case enterprise = "wpa-eap"
  }

  static let ssidKey = Key("ssid", .ssid, "The network's name.", example: "\"Bridge\"", preseed: "wlan.ssid")
  static let passwordKey = Key(
    "password", .secretText, "The passphrase, or the key as 64 hex digits.", example: "\"correct horse\"",
    fallback: "the network is open", preseed: "wlan.password")
  static let passwordFileKey = Key(
    "password_file", .secretLine, "A file, relative to this one, whose only line is the passphrase.",
    example: "\"secrets/bridge\"")
  static let keyManagementKey = Key<KeyManagement>(
    "key_mgmt", .choice(), "How the network authenticates the node.", example: "\"sae\"",
    fallback: "\"wpa-psk\" with a password, \"none\" without")
  static let hiddenKey = Key(
    "hidden", .boolean, "Whether the network does not announce its name.", example: "true", fallback: "false",
    preseed: "wlan.hidden")
  static let countryKey = Key(
    "country", .country, "The country in which the node is; one network says it for all.", example: "\"AT\"",
    preseed: "wlan.country")
  static let priorityKey = Key(
    "priority", .integer(in: -999...999), "Of the networks in reach, the one with the highest is joined.",
    example: "10", fallback: "0")
  static let bandKey = Key<Band>(
    "band", .choice(), "The frequencies on which the node looks for the network.", example: "\"5GHz\"", fallback: "all")
  static let interfaceKey = Key(
    "interface", .interfaceName, "The interface.", example: "\"wlan0\"", fallback: "any")
  static let keys = TableKeys(
    "wlan", "A wireless network that the node joins; [[wlan]] are several.",
    [
      ssidKey, passwordKey, passwordFileKey, keyManagementKey, hiddenKey, countryKey, priorityKey, bandKey,
      interfaceKey,
    ] + EnterpriseSettings.keys,
    exclusives: [TableKeys.Exclusive([passwordKey.name, passwordFileKey.name])], required: [ssidKey.name])

  /// nil if what is said is not enough, which is reported.
  init?(reading table: TableReader) {
    guard let ssid = table[Self.ssidKey], let place = table.entry(Self.ssidKey)?.setting.place,
      let security = Security(reading: table, at: place)
    else { return nil }
    self.init(
      ssid: ssid, security: security, isHidden: table[Self.hiddenKey] ?? false, priority: table[Self.priorityKey] ?? 0,
      country: table[Self.countryKey], band: table[Self.bandKey], interface: table[Self.interfaceKey], place: place)
  }
}

extension WLANSettings.Security {
  fileprivate init?(reading table: TableReader, at place: RecipePlace) {
    let written = table.entry(WLANSettings.passwordKey) ?? table.entry(WLANSettings.passwordFileKey)
    let secret = table[WLANSettings.passwordKey] ?? table[WLANSettings.passwordFileKey]
    // A password that is none has been reported.
    if written != nil, secret == nil { return nil }
    let kind = table[WLANSettings.keyManagementKey] ?? (secret == nil ? .none : .wpaPSK)
    let name = WLANSettings.keyManagementKey.name
    switch (kind, secret) {
    case (.none, nil): self = .open
    case (.none, _?):
      table.fail(name, "= \"none\": an open network has no password", at: written?.place ?? place)
      return nil
    case (.enterprise, _):
      guard let account = EnterpriseSettings(reading: table, password: secret, at: place) else { return nil }
      self = .enterprise(account)
    case (_, nil):
      table.fail(name, "= \"\(kind.rawValue)\" needs password or password_file", at: place)
      return nil
    case (.wpaPSK, let secret?):
      if let key = PreSharedKey(secret) {
        self = .wpaPSK(.preShared(key))
      } else if let passphrase = Passphrase(secret) {
        self = .wpaPSK(.passphrase(passphrase))
      } else {
        Self.reportPassword(table, at: written?.setting.place ?? place)
        return nil
      }
    case (.sae, let secret?), (.either, let secret?):
      guard let passphrase = Passphrase(secret) else {
        Self.reportPassword(table, at: written?.setting.place ?? place)
        return nil
      }
      self = kind == .sae ? .sae(passphrase) : .wpaPSKOrSAE(passphrase)
    }
  }

  private static func reportPassword(_ table: TableReader, at place: RecipePlace) {
    table.fail("password:", "expected 8 to 63 printable ASCII characters, or 64 hex digits", at: place)
  }
}

extension EnterpriseSettings {
  /// How the node authenticates, in the words of recipes.
  enum MethodName: String, CaseIterable, Sendable {
    case peap
    case ttls
    case tls
  }

  static let eapKey = Key<MethodName>(
    "eap", .choice(), "How the node authenticates, with key_mgmt = \"wpa-eap\".", example: "\"peap\"",
    fallback: "\"peap\" with a password, \"tls\" with a certificate")
  static let phase2Key = Key<Phase2>(
    "phase2", .choice(), "The authentication inside the tunnel of PEAP or TTLS.", example: "\"mschapv2\"",
    fallback: "\"mschapv2\"")
  static let identityKey = Key("identity", .line, "The node's account.", example: "\"nog@example.org\"")
  static let anonymousKey = Key(
    "anonymous_identity", .line, "The name outside of the tunnel, which anyone can read.",
    example: "\"anonymous@example.org\"", fallback: "the identity")
  static let caKey = Key(
    "ca_cert", .absolutePath, "The certificate of the network's authority, a file of the node.",
    example: "\"/etc/ssl/certs/lab.pem\"", fallback: "the network's server is not checked")
  static let certificateKey = Key(
    "client_cert", .absolutePath, "The node's certificate, a file of the node.", example: "\"/etc/wlan/nog.pem\"")
  static let privateKeyKey = Key(
    "private_key", .absolutePath, "Its key, a file of the node.", example: "\"/etc/wlan/nog.key\"")
  static let privateKeyPasswordKey = Key(
    "private_key_password", .secretText, "What the key is encrypted with.", example: "\"correct horse\"")
  static let keys: [any LanguageKey] = [
    eapKey, phase2Key, identityKey, anonymousKey, caKey, certificateKey, privateKeyKey, privateKeyPasswordKey,
  ]

  fileprivate init?(reading table: TableReader, password: Secret?, at place: RecipePlace) {
    let certificate = table[Self.certificateKey]
    guard let identity = table[Self.identityKey] else {
      table.fail("key_mgmt", "= \"wpa-eap\" needs identity", at: place)
      return nil
    }
    let method: Method
    switch table[Self.eapKey] ?? (password == nil && certificate != nil ? .tls : .peap) {
    case .tls:
      guard let certificate, let key = table[Self.privateKeyKey] else {
        table.fail("eap", "= \"tls\" needs client_cert and private_key", at: place)
        return nil
      }
      method = .tls(
        ClientCertificate(
          certificate: certificate, privateKey: key, privateKeyPassword: table[Self.privateKeyPasswordKey]))
    case let name:
      guard let password else {
        table.fail("eap", "= \"\(name.rawValue)\" needs password or password_file", at: place)
        return nil
      }
      let tunnel = Tunnel(phase2: table[Self.phase2Key] ?? .mschapv2, password: password)
      method = name == .peap ? .peap(tunnel) : .ttls(tunnel)
    }
    self.init(
      method: method, identity: identity, anonymousIdentity: table[Self.anonymousKey], caCertificate: table[Self.caKey])
  }
}
