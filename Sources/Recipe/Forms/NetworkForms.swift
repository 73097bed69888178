import SystemPackage

extension Form<String> {
  /// An IPv4 address in dotted form.
  static var ipv4Address: Form { text("an IPv4 address") { IPv4.address($0) != nil } }

  /// An IPv4 subnet in CIDR form.
  static var ipv4Subnet: Form { text("an IPv4 subnet such as \"192.168.7.0/24\"") { IPv4.subnet($0) != nil } }

  /// A folder of the server. dnsmasq and exports(5) part words by blanks.
  static var serverFolder: Form {
    text("an absolute path without blanks, '.' and '..'") { $0.isNormalizedAbsolutePath && !$0.contains(" ") }
  }

  /// A network interface of Linux (IFNAMSIZ: 15 bytes).
  static var networkInterface: Form {
    text("the name of a network interface") { InterfaceName($0)?.description }
  }
}

extension Form<SSID> {
  /// The name of a wireless network.
  static var ssid: Form { text("1 to 32 bytes", .text(mostCharacters: 32)) { SSID($0) } }
}

extension Form<CountryCode> {
  /// A country.
  static var country: Form { text("a country's two letters, such as \"AT\"") { CountryCode($0) } }
}

extension Form<InterfaceName> {
  /// A network interface.
  static var interfaceName: Form { text("the name of a network interface") { InterfaceName($0) } }
}

extension Form<NetworkAddress> {
  /// An address with the length of its prefix.
  static var networkAddress: Form {
    Form(.text(), "an address with its prefix length, such as \"192.168.7.11/24\"") { setting in
      text("an address with its prefix length, such as \"192.168.7.11/24\"") { NetworkAddress($0) }.read(setting)
        .mapError { mismatch in
          guard case .string(let text) = setting.content, let address = IPAddress(text) else { return mismatch }
          return mismatch.asking("\(text)/\(address.family == .v4 ? 24 : 64)")
        }
    }
  }
}

extension Form<IPAddress> {
  /// An address of IPv4 or IPv6.
  static var ipAddress: Form { text("an IPv4 or IPv6 address") { IPAddress($0) } }
}

extension Form<SearchDomain> {
  /// A domain of DNS.
  static var searchDomain: Form { text("a domain such as \"lab.example.org\"") { SearchDomain($0) } }
}

extension Form<Secret> {
  /// A file whose only line is a secret.
  static var secretLine: Form {
    Form(.text(), "the path of a file of one line") { setting in
      Form<FilePath>.path.read(setting).flatMap { path in
        do throws(SecretFile.Problem) {
          return .success(Secret(try SecretFile(path, holding: "the passphrase").line))
        } catch {
          return .failure(Mismatch(quoting: path.string, error.message))
        }
      }
    }
  }
}

extension Form<String> {
  /// A name of DNS, or an address.
  static var hostOrAddress: Form {
    text("a host name or an address") { IPAddress($0) != nil || SearchDomain($0) != nil }
  }

  /// A name of DNS.
  static var dnsName: Form { text("a host name") { SearchDomain($0) != nil && IPAddress($0) == nil } }

  /// A unit of systemd; the image tells whether there is one.
  static var unitName: Form {
    text("the name of a unit, such as \"ssh\" or \"backup.timer\"") {
      !$0.isEmpty && $0.isLine && !$0.contains("/") && !$0.contains(" ") && $0.utf8.count <= 255
    }
  }

  /// One line, not empty.
  static var line: Form { text("one line") { !$0.isEmpty && $0.isLine } }

  /// A field of fstab(5); the writer escapes blanks.
  static var fstabField: Form { text("one line, not empty") { !$0.isEmpty && $0.isLine } }

  /// A text of one line, a number, or true or false for 1 or 0.
  static var plainValue: Form {
    Form(.any([.text(), .integer(Int.min...Int.max), .boolean])) { setting in
      switch setting.content {
      case .integer(let number, _): .success("\(number)")
      case .boolean(let truth): .success(truth ? "1" : "0")
      default: text("one line", where: \.isLine).read(setting)
      }
    }
  }
}

extension Form<[String]> {
  /// One value of `form`, or an array of them.
  static func array(of form: Form<String>) -> Form {
    Form(form.schema, form.words) { setting in
      var values: [String] = []
      for element in setting.elements ?? [setting] {
        switch form.read(element) {
        case .success(let value): values.append(value)
        case .failure(let mismatch): return .failure(mismatch)
        }
      }
      return .success(values)
    }
  }
}

/// IPv4 in text.
enum IPv4 {
  /// The number that four dotted numbers make; nil if `text` is not that.
  static func address(_ text: some StringProtocol) -> UInt32? {
    let groups = text.split(separator: ".", omittingEmptySubsequences: false)
    guard groups.count == 4 else { return nil }
    var value: UInt32 = 0
    for group in groups {
      // A leading zero means octal to some readers.
      let isPlain = group.utf8.allSatisfy { (0x30...0x39).contains($0) } && (group.count == 1 || group.first != "0")
      guard isPlain, let number = UInt8(group) else { return nil }
      value = value << 8 | UInt32(number)
    }
    return value
  }

  /// The first address and the prefix length of a subnet; nil if `text` is none, or its address has bits after the prefix.
  static func subnet(_ text: String) -> (base: UInt32, length: Int)? {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let base = address(parts[0]), let length = Int(parts[1]), "\(length)" == parts[1],
      (1...30).contains(length), base & (UInt32.max >> length) == 0
    else { return nil }
    return (base, length)
  }
}
