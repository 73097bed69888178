import CCrypt
import Recipe

/// What the password field of shadow(5) can hold.
enum Password {
  /// No password matches, and sshd still takes keys; `!` would lock the account for them too where PAM is not used.
  static let none = "*"

  /// How a clear password is hashed: the defaults of Debian's releases, which their own libcrypt reads.
  enum Method: String {
    /// Debian 12 and later, and what Imager writes.
    case yescrypt = "$y$"
    /// Releases before.
    case sha512 = "$6$"
  }

  /// The hash of `clear`, crypt(5), with a salt made of `random`: 16 bytes or more. Cost is libcrypt's default.
  ///
  /// - Throws: `.unsupported` if the machine's libcrypt cannot do `method`; `.recipe` if the password cannot be typed.
  static func hash(_ clear: Secret, method: Method, random: [UInt8]) throws(RaspberryPiOSError) -> String {
    // crypt(3) stops at a NUL and takes 511 bytes at most.
    guard !clear.exposed.utf8.contains(0), (1...511).contains(clear.exposed.utf8.count) else {
      throw .recipe("a password must have 1 to 511 bytes and no NUL")
    }
    guard let setting = setting(method, random), let hash = crypt(clear.exposed, setting) else {
      throw .unsupported("the libcrypt of this machine cannot hash with \(method.rawValue)")
    }
    return hash
  }

  /// A crypt(5) string is printable and holds none of what separates fields and lines of shadow(5).
  static func isHash(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x3A }
  }

  private static func setting(_ method: Method, _ random: [UInt8]) -> String? {
    var output = [CChar](repeating: 0, count: Int(CRYPT_GENSALT_OUTPUT_SIZE))
    let bytes = random.map { CChar(bitPattern: $0) }
    let made = unsafe crypt_gensalt_rn(
      method.rawValue, 0, bytes, Int32(bytes.count), &output, Int32(output.count))
    guard unsafe made != nil else { return nil }
    return text(output)
  }

  private static func crypt(_ phrase: String, _ setting: String) -> String? {
    // crypt_rn wants a struct crypt_data, which Swift cannot spell: its arrays are too long to import.
    var state = [UInt64](repeating: 0, count: MemoryLayout<crypt_data>.size / 8 + 1)
    let size = Int32(state.count * 8)
    return unsafe state.withUnsafeMutableBytes { buffer in
      guard let result = unsafe crypt_rn(phrase, setting, buffer.baseAddress, size) else { return nil }
      return unsafe String(cString: result)
    }
  }

  private static func text(_ bytes: [CChar]) -> String {
    String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
