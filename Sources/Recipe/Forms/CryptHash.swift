/// The strings of crypt(5).
enum CryptHash {
  /// The methods that Debian's libcrypt verifies and that are not broken: yescrypt, gost-yescrypt, scrypt, sha512crypt,
  /// sha256crypt, bcrypt.
  private static let prefixes = ["$y$", "$gy$", "$7$", "$6$", "$5$", "$2b$", "$2y$", "$2a$"]

  /// Whether `text` looks like one: a known method, something behind it, and only what crypt(5) lets stand in one.
  static func isOne(_ text: String) -> Bool {
    guard let prefix = prefixes.first(where: { text.hasPrefix($0) }) else { return false }
    let rest = text.utf8.dropFirst(prefix.utf8.count)
    // "entirely of printable ASCII characters, without white space or the characters ':', ';', '*', '!', or '\'"
    return rest.contains(UInt8(ascii: "$"))
      && rest.allSatisfy { (0x21...0x7E).contains($0) && !#":;*!\"#.utf8.contains($0) }
  }
}
