/// The strings of crypt(5) that a password can match: each method's alphabet and lengths, as libxcrypt computes them.
enum CryptHash {
  /// Methods that crypt(3) still takes and that a guesser breaks in hours.
  private static let weak = [
    ("$1$", "md5crypt"), ("$sha1$", "sha1crypt"), ("$md5", "SunMD5"), ("$3$", "NTHASH"), ("_", "BSDi's DES"),
    ("$2x$", "a broken bcrypt"),
  ]

  /// Whether a password can match `text`.
  static func isOne(_ text: String) -> Bool { isWhole(Array(text.utf8)) }

  /// Whether `text` is or was a crypt(5) string, whole or not: no password that anybody types.
  static func resemblesOne(_ text: String) -> Bool {
    let known = ["$y$", "$gy$", "$7$", "$6$", "$5$", "$2a$", "$2b$", "$2y$"] + weak.map(\.0).filter { $0 != "_" }
    return known.contains { text.hasPrefix($0) }
  }

  /// Why nobody could log in by `text`, or nobody should; nil if it is a good one. Shows nothing of it.
  static func problem(of text: String) -> String? {
    if isOne(text) { return nil }
    if text.isEmpty || text.hasPrefix("!") || text.hasPrefix("*") {
      return "this locks the account: leave it out, and the account takes keys only"
    }
    let isDES = text.wholeMatch(of: /[.\/0-9A-Za-z]{13}/) != nil
    if let method = weak.first(where: { text.hasPrefix($0.0) })?.1 ?? (isDES ? "DES" : nil) {
      return "\(method) is too weak: make one with mkpasswd --method=yescrypt"
    }
    if resemblesOne(text) {
      return "the crypt(5) string is cut short or damaged, no password matches it (a shell expands $ in double quotes)"
    }
    return "expected a crypt(5) string such as \"$y$…\" or \"$6$…\", made with mkpasswd --method=yescrypt"
  }

  private static func isWhole(_ text: [UInt8]) -> Bool {
    var parts = text.split(separator: UInt8(ascii: "$"), omittingEmptySubsequences: false)
    guard parts.count >= 4, parts[0].isEmpty, let digest = parts.last else { return false }
    let method = String(decoding: parts[1], as: UTF8.self)
    parts.removeFirst(2)
    switch method {
    case "y", "gy":
      return parts.count == 3 && Yescrypt.takes(parts[0]) && isSalt(parts[1], bytes: 64)
        && isDigest(parts[2], count: 43, spareBits: 2)
    case "6": return isSHA(parts, digest: 86, spareBits: 4)
    case "5": return isSHA(parts, digest: 43, spareBits: 2)
    // Its salt may hold dollars: the last one ends it.
    case "7": return isScrypt(text.dropFirst(3).dropLast(digest.count + 1)) && isDigest(digest, count: 43, spareBits: 2)
    case "2a", "2b", "2y": return parts.count == 2 && isBcrypt(cost: parts[0], Array(parts[1]))
    default: return false
    }
  }

  /// sha256crypt and sha512crypt: `rounds=N$salt$digest` or `salt$digest`.
  private static func isSHA(_ parts: [ArraySlice<UInt8>], digest count: Int, spareBits: Int) -> Bool {
    var parts = parts
    if parts[0].starts(with: "rounds=".utf8) {
      let digits = parts.removeFirst().dropFirst(7)
      guard let rounds = Int(String(decoding: digits, as: UTF8.self)), (1000...999_999_999).contains(rounds),
        "\(rounds)".utf8.elementsEqual(digits)
      else { return false }
    }
    // crypt(3) cuts longer salts, and its result then begins with another one.
    return parts.count == 2 && parts[0].count <= 16 && parts[0].allSatisfy(isPlain)
      && isDigest(parts[1], count: count, spareBits: spareBits)
  }

  /// scrypt: log2 N in one character, r and p in five each, then the salt.
  private static func isScrypt(_ setting: ArraySlice<UInt8>) -> Bool {
    let digits = setting.prefix(11).compactMap { value(of: $0) }
    guard digits.count == 11, setting.count <= 300,
      setting.dropFirst(11).allSatisfy({ $0 == UInt8(ascii: "$") || value(of: $0) != nil })
    else { return false }
    func number(_ range: Range<Int>) -> Int { range.reversed().reduce(0) { $0 << 6 | digits[$1] } }
    return Yescrypt.isAffordable(log2N: digits[0], r: number(1..<6), p: number(6..<11))
  }

  /// bcrypt: a cost of two digits, 22 characters of salt and 31 of digest in an alphabet of its own.
  private static func isBcrypt(cost: ArraySlice<UInt8>, _ rest: [UInt8]) -> Bool {
    let alphabet = Array("./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
    let digits = rest.compactMap { alphabet.firstIndex(of: $0) }
    guard cost.count == 2, cost.allSatisfy({ (0x30...0x39).contains($0) }),
      let number = Int(String(decoding: cost, as: UTF8.self)), (4...31).contains(number),
      rest.count == 53, digits.count == 53
    else { return false }
    // 128 bits of salt and 184 of digest: the last character of each has bits that are always zero.
    return digits[21].isMultiple(of: 16) && digits[52].isMultiple(of: 4)
  }

  /// Base64 of crypt(5) with `count` characters, of whose last the high `spareBits` are always zero.
  private static func isDigest(_ text: ArraySlice<UInt8>, count: Int, spareBits: Int) -> Bool {
    guard text.count == count, text.allSatisfy({ value(of: $0) != nil }), let last = text.last.flatMap(value) else {
      return false
    }
    return last < 64 >> spareBits
  }

  /// The salt of yescrypt is base64 of at most `bytes` bytes.
  private static func isSalt(_ text: ArraySlice<UInt8>, bytes: Int) -> Bool {
    if text.isEmpty { return true }
    guard text.count * 6 / 8 <= bytes, text.count % 4 != 1,
      text.allSatisfy({ value(of: $0) != nil }), let last = text.last.flatMap(value)
    else { return false }
    switch text.count % 4 {
    case 2: return last < 4
    case 3: return last < 16
    default: return true
    }
  }

  /// The value of a character in crypt(5)'s own base64.
  static func value(of character: UInt8) -> Int? {
    switch character {
    case UInt8(ascii: "."), UInt8(ascii: "/"): Int(character) - 46
    case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(character) - 48 + 2
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): Int(character) - 65 + 12
    case UInt8(ascii: "a")...UInt8(ascii: "z"): Int(character) - 97 + 38
    default: nil
    }
  }

  /// "entirely of printable ASCII characters, without white space or the characters ':', ';', '*', '!', or '\'"
  private static func isPlain(_ character: UInt8) -> Bool {
    (0x21...0x7E).contains(character) && !#":;*!\"#.utf8.contains(character)
  }
}
