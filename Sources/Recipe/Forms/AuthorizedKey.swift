import Bytes

/// A line of ~/.ssh/authorized_keys that lets somebody in (sshd(8), "AUTHORIZED_KEYS FILE FORMAT").
struct AuthorizedKey {
  /// The line without white space at its ends.
  let line: String

  /// Why sshd would let nobody in by a line. Shows nothing of the line, which may be a secret.
  struct Problem: Error {
    let message: String

    init(_ message: String) { self.message = message }
  }

  /// Takes exactly the lines that sshd takes, except those in which a second key stands where sshd sees a comment.
  init(parsing text: String) throws(Problem) {
    let bytes = Array(text.utf8)
    if let problem = AuthorizedKey.obviousMistake(text, bytes) { throw problem }
    var rest = bytes[...].drop(while: AuthorizedKey.isBlank)
    while let last = rest.last, AuthorizedKey.isBlank(last) { rest.removeLast() }
    line = String(decoding: rest, as: UTF8.self)
    let whole = rest
    var word = AuthorizedKey.nextWord(&rest)
    if !AuthorizedKey.isAlgorithm(word) {
      // Options come first; their blanks stand in quotes.
      guard let end = KeyOptions.end(in: whole) else { throw Problem("a quote of the options is not closed") }
      let options = whole[..<end]
      rest = whole[end...].drop(while: AuthorizedKey.isBlank)
      word = AuthorizedKey.nextWord(&rest)
      guard AuthorizedKey.isAlgorithm(word) else { throw AuthorizedKey.noKey(word) }
      if let reason = KeyOptions.problem(in: options) { throw Problem("sshd does not take its options: \(reason)") }
    }
    try AuthorizedKey.check(word, &rest)
    if AuthorizedKey.holdsKey(rest) {
      throw Problem("a second key stands after the first, where sshd sees a comment: write one string for each key")
    }
  }

  /// Checks the key that follows the algorithm's name `word`, and leaves the comment in `rest`.
  private static func check(_ word: ArraySlice<UInt8>, _ rest: inout ArraySlice<UInt8>) throws(Problem) {
    let name = String(decoding: word, as: UTF8.self)
    guard !name.hasSuffix("-cert-v01@openssh.com") else {
      throw Problem(
        "a certificate lets nobody in here: write the key of its authority, as cert-authority ssh-ed25519 AAAA…")
    }
    guard let algorithm = PublicKey.Algorithm(name: name) else {
      throw Problem("sshd no longer takes ssh-dss keys: make an ssh-ed25519 key")
    }
    let blob = nextWord(&rest)
    guard PublicKey.isKey(blob, of: algorithm) else {
      throw Problem("the key is cut short or damaged: copy the whole line of the .pub file")
    }
  }

  private static func nextWord(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let word = rest.prefix { !isBlank($0) }
    rest = rest.dropFirst(word.count).drop(while: isBlank)
    return word
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

  /// Whether `word` is the name of a kind of key that OpenSSH has ever had.
  private static func isAlgorithm(_ word: ArraySlice<UInt8>) -> Bool {
    let name = String(decoding: word, as: UTF8.self)
    let suffix = "-cert-v01@openssh.com"
    guard name.hasSuffix(suffix) else { return name == "ssh-dss" || PublicKey.Algorithm(name: name) != nil }
    let stem = String(name.dropLast(suffix.count))
    return stem == "ssh-dss" || PublicKey.Algorithm(name: stem) != nil
      || PublicKey.Algorithm(name: "\(stem)@openssh.com") != nil
  }

  /// Whether a comment holds the name of an algorithm and the beginning of a key, which is always AAAA.
  private static func holdsKey(_ comment: ArraySlice<UInt8>) -> Bool {
    var rest = comment
    while !rest.isEmpty {
      let word = nextWord(&rest)
      if isAlgorithm(word), rest.starts(with: "AAAA".utf8) { return true }
    }
    return false
  }

  private static func obviousMistake(_ text: String, _ bytes: [UInt8]) -> Problem? {
    if text.contains("PRIVATE KEY") {
      return Problem(
        "this is a private key: write its public half, the line of the .pub file, and keep this one secret")
    }
    if bytes.contains(0x0A) { return Problem("expected one key each: this string holds several lines") }
    if bytes.last == 0x0D { return Problem("the line ends in a carriage return: remove it") }
    if bytes.contains(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }) {
      return Problem("a control character is in it")
    }
    let trimmed = bytes[...].drop(while: isBlank)
    if trimmed.first == UInt8(ascii: "#") { return Problem("a comment holds no key") }
    if trimmed.first == UInt8(ascii: "@") {
      return Problem("@ belongs to known_hosts: an authority is written cert-authority ssh-ed25519 AAAA…")
    }
    let isPath = ["/", "~", "./", "../"].contains { trimmed.starts(with: $0.utf8) } || text.hasSuffix(".pub")
    if isPath, !trimmed.contains(where: isBlank) {
      return Problem("this is a path: write the line that the file holds, ssh-ed25519 AAAA…")
    }
    return nil
  }

  private static func noKey(_ word: ArraySlice<UInt8>) -> Problem {
    Problem("expected a public key such as \"ssh-ed25519 AAAA… name\"")
  }
}
