/// `[wlan]` or one of `[[wlan]]`: a wireless network that the node joins.
package struct WLANSettings: Sendable {
  /// How the network authenticates the node (`key_mgmt`).
  package enum Security: Sendable {
    /// Not at all, and nothing is encrypted (`none`).
    case open
    /// WPA or WPA2 with a shared key (`wpa-psk`).
    case wpaPSK(SharedKey)
    /// WPA3 with a password (`sae`).
    case sae(Passphrase)
    /// WPA2 or WPA3, whichever the network offers (`wpa-psk-sae`).
    case wpaPSKOrSAE(Passphrase)
    /// WPA Enterprise: an account or a certificate (`wpa-eap`).
    case enterprise(EnterpriseSettings)
  }
  /// The shared key of WPA2.
  package enum SharedKey: Sendable {
    /// A passphrase from which the key is derived.
    case passphrase(Passphrase)
    /// The key itself.
    case preShared(PreSharedKey)
  }
  /// A range of frequencies.
  package enum Band: String, Sendable, CaseIterable {
    case twoPointFourGHz = "2.4GHz"
    case fiveGHz = "5GHz"
  }
  /// The network's name.
  package var ssid: SSID
  /// How the network authenticates the node.
  package var security: Security
  /// Whether the network does not announce its name.
  package var isHidden: Bool
  /// From -999 to 999: of the networks in reach, the one with the highest is joined.
  package var priority: Int
  /// The country in which the node is; one of its networks gives it for all.
  package var country: CountryCode?
  /// The frequencies on which the node looks for the network; nil: all.
  package var band: Band?
  /// The interface; nil: any, or `wlan0` if the image's network manager needs a name.
  package var interface: InterfaceName?
  /// Where the recipe says so, for errors that only the image can tell.
  package var place: RecipePlace?

  /// A network; what is not given has the default of its property.
  package init(
    ssid: SSID, security: Security, isHidden: Bool = false, priority: Int = 0, country: CountryCode? = nil,
    band: Band? = nil, interface: InterfaceName? = nil, place: RecipePlace? = nil
  ) {
    self.ssid = ssid
    self.security = security
    self.isHidden = isHidden
    self.priority = priority
    self.country = country
    self.band = band
    self.interface = interface
    self.place = place
  }
}

/// The node's account at a network that uses WPA Enterprise.
package struct EnterpriseSettings: Sendable {
  /// How the node authenticates (`eap`).
  package enum Method: Sendable {
    /// A password, through a tunnel (PEAP).
    case peap(Tunnel)
    /// A password, through a tunnel (TTLS).
    case ttls(Tunnel)
    /// A certificate (TLS).
    case tls(ClientCertificate)
  }
  /// The authentication inside the tunnel of PEAP or TTLS.
  package struct Tunnel: Sendable {
    /// The method (`phase2`).
    package var phase2: Phase2
    /// The password of the identity.
    package var password: Secret

    /// An authentication with `password`.
    package init(phase2: Phase2 = .mschapv2, password: Secret) {
      self.phase2 = phase2
      self.password = password
    }
  }
  /// A method of authentication with a password, inside a tunnel. PEAP has the first three only.
  package enum Phase2: String, Sendable, CaseIterable {
    case mschapv2
    case gtc
    case md5
    case mschap
    case chap
    case pap
  }
  /// A certificate and its key: absolute paths on the node.
  package struct ClientCertificate: Sendable {
    /// The certificate, or a PKCS #12 file that holds the key too.
    package var certificate: String
    /// Its key.
    package var privateKey: String
    /// What the key is encrypted with; nil if it is not.
    package var privateKeyPassword: Secret?

    /// A certificate with its key.
    package init(certificate: String, privateKey: String, privateKeyPassword: Secret? = nil) {
      self.certificate = certificate
      self.privateKey = privateKey
      self.privateKeyPassword = privateKeyPassword
    }
  }
  /// How the node authenticates.
  package var method: Method
  /// The user name: one line.
  package var identity: String
  /// The name outside of the tunnel, where anyone can read it; nil: the identity.
  package var anonymousIdentity: String?
  /// The CA certificate of the network's server, an absolute path on the node; nil: the server is not checked.
  package var caCertificate: String?

  /// An account; what is not given has the default of its property.
  package init(method: Method, identity: String, anonymousIdentity: String? = nil, caCertificate: String? = nil) {
    self.method = method
    self.identity = identity
    self.anonymousIdentity = anonymousIdentity
    self.caCertificate = caCertificate
  }
}
