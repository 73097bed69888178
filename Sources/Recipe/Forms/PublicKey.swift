import Bytes

/// A public key as OpenSSH writes it in text: the name of its algorithm, and a blob in base64 (RFC 4253, section 6.6).
enum PublicKey {
  /// The algorithms whose keys sshd takes, by the names that may stand before a key.
  enum Algorithm: Equatable {
    case ed25519, rsa
    case ecdsa(EllipticCurve)
    case securityKeyED25519, securityKeyECDSA

    init?(name: String) {
      switch name {
      case "ssh-ed25519": self = .ed25519
      // sshd takes the names of the signature algorithms for the key's.
      case "ssh-rsa", "rsa-sha2-256", "rsa-sha2-512": self = .rsa
      case "sk-ssh-ed25519@openssh.com": self = .securityKeyED25519
      case "sk-ecdsa-sha2-nistp256@openssh.com", "webauthn-sk-ecdsa-sha2-nistp256@openssh.com": self = .securityKeyECDSA
      default:
        let prefix = "ecdsa-sha2-"
        guard name.hasPrefix(prefix), let curve = EllipticCurve(rawValue: String(name.dropFirst(prefix.count))) else {
          return nil
        }
        self = .ecdsa(curve)
      }
    }

    /// The name inside the blob.
    var name: String {
      switch self {
      case .ed25519: "ssh-ed25519"
      case .rsa: "ssh-rsa"
      case .ecdsa(let curve): "ecdsa-sha2-\(curve)"
      case .securityKeyED25519: "sk-ssh-ed25519@openssh.com"
      case .securityKeyECDSA: "sk-ecdsa-sha2-nistp256@openssh.com"
      }
    }
  }

  /// Whether `encoded` is the base64 of a whole key of `algorithm`, as sshkey_from_blob of OpenSSH judges it.
  static func isKey(_ encoded: ArraySlice<UInt8>, of algorithm: Algorithm) -> Bool {
    guard let blob = [UInt8].decoding(base64: encoded) else { return false }
    var fields = Fields(rest: blob[...])
    guard fields.next()?.elementsEqual(algorithm.name.utf8) == true else { return false }
    switch algorithm {
    case .ed25519: return fields.next()?.count == 32 && fields.rest.isEmpty
    case .securityKeyED25519: return fields.next()?.count == 32 && isText(fields.next()) && fields.rest.isEmpty
    case .ecdsa(let curve): return hasPoint(&fields, on: curve) && fields.rest.isEmpty
    case .securityKeyECDSA: return hasPoint(&fields, on: .nistp256) && isText(fields.next()) && fields.rest.isEmpty
    case .rsa:
      guard let exponent = fields.next(), let modulus = fields.next(), fields.rest.isEmpty else { return false }
      // sshd refuses less than 1024 bits (RequiredRSASize), and reads at most 16384.
      guard let bits = bitCount(modulus), bitCount(exponent) != nil else { return false }
      return (1024...16384).contains(bits)
    }
  }

  private static func hasPoint(_ fields: inout Fields, on curve: EllipticCurve) -> Bool {
    guard fields.next()?.elementsEqual(curve.rawValue.utf8) == true, let point = fields.next() else { return false }
    return curve.contains(Array(point))
  }

  /// A C string of OpenSSH: a NUL may only end it.
  private static func isText(_ field: ArraySlice<UInt8>?) -> Bool {
    field.map { !$0.dropLast().contains(0) } ?? false
  }

  /// The length of a multiple precision integer (RFC 4251, section 5); nil if it is negative or over 16384 bits.
  private static func bitCount(_ integer: ArraySlice<UInt8>) -> Int? {
    if let first = integer.first, first & 0x80 != 0 { return nil }
    let digits = integer.drop { $0 == 0 }
    guard digits.count <= 2048, integer.count <= 2049 else { return nil }
    return digits.first.map { digits.count * 8 - $0.leadingZeroBitCount } ?? 0
  }

  /// Strings with their lengths before them, 32 bits big-endian.
  private struct Fields {
    var rest: ArraySlice<UInt8>

    mutating func next() -> ArraySlice<UInt8>? {
      guard rest.count >= 4 else { return nil }
      let length = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
      let body = rest.dropFirst(4)
      guard length <= body.count else { return nil }
      rest = body.dropFirst(length)
      return body.prefix(length)
    }
  }
}
