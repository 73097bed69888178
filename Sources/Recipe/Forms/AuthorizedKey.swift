import Bytes

/// A line of ~/.ssh/authorized_keys (sshd(8), "AUTHORIZED_KEYS FILE FORMAT").
struct AuthorizedKey {
  private static let types: Set = [
    "ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com", "ssh-ed25519-cert-v01@openssh.com",
    "ssh-rsa-cert-v01@openssh.com", "ecdsa-sha2-nistp256-cert-v01@openssh.com",
  ]

  /// Whether the key's own bytes agree with its type and end where they say.
  let isWhole: Bool

  /// nil if the line does not look like a key, with options before it or not.
  init?(_ line: String) {
    guard line.isLine else { return nil }
    var words = Self.words(line)
    // Options are one word: their blanks stand in quotes.
    if let first = words.first, !Self.types.contains(first) { words.removeFirst() }
    guard let type = words.first, Self.types.contains(type), words.count > 1 else { return nil }
    let encoded = words[1]
    // Four zero bytes in base64: every key starts with the length of its type's name.
    guard encoded.hasPrefix("AAAA"), encoded.consistsOfLettersDigits(and: "+/=") else { return nil }
    isWhole = Self.isWhole([UInt8](base64: encoded), type: type)
  }

  /// The words of `line`; blanks between double quotes do not part them.
  private static func words(_ line: String) -> [String] {
    var words = [""]
    var isQuoted = false
    for scalar in line.unicodeScalars {
      if scalar == "\"" { isQuoted.toggle() }
      if scalar == " ", !isQuoted { words.append("") } else { words[words.count - 1].unicodeScalars.append(scalar) }
    }
    return words.filter { !$0.isEmpty }
  }

  /// Whether `bytes` are strings of the lengths that stand before them, the first being `type` (RFC 4253, section 6.6).
  private static func isWhole(_ bytes: [UInt8]?, type: String) -> Bool {
    guard let bytes else { return false }
    var parts: [ArraySlice<UInt8>] = []
    var rest = bytes[...]
    // A certificate holds integers too: only its beginning is looked at.
    while rest.count >= 4, parts.isEmpty || !type.contains("-cert-") {
      let length = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
      rest = rest.dropFirst(4)
      guard length <= rest.count else { return false }
      parts.append(rest.prefix(length))
      rest = rest.dropFirst(length)
    }
    guard parts.first?.elementsEqual(type.utf8) == true else { return false }
    return type.contains("-cert-") || rest.isEmpty && parts.count > 1
  }
}

extension [UInt8] {
  /// The bytes that `text` encodes with the alphabet of RFC 4648, section 4; nil if it does not.
  fileprivate init?(base64 text: String) {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    let digits = text.utf8.reversed().drop { $0 == UInt8(ascii: "=") }.reversed().map { alphabet.firstIndex(of: $0) }
    guard text.utf8.count.isMultiple(of: 4), digits.count % 4 != 1 else { return nil }
    self = []
    var bits = 0
    var value = 0
    for digit in digits {
      guard let digit else { return nil }
      value = (value << 6 | digit) & 0xFFFF
      bits += 6
      guard bits >= 8 else { continue }
      bits -= 8
      append(UInt8(value >> bits & 0xFF))
    }
  }
}
