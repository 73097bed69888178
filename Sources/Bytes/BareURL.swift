extension String {
  /// The URL without what may be secret in it: user name, password, query and fragment. What is left is its scheme, host, port and
  /// path, and "…" in the place of the rest of a text that is no well-formed URL.
  ///
  /// Everything that shows or records a URL shows this: presigned URLs hold a signature in the query, others a token or a password.
  package var bareURL: String {
    guard let mark = firstRange(of: "://") else {
      // A path or something mistyped. What could be a password or a query is not shown.
      return contains(where: { "@?#".contains($0) }) ? "…" : self
    }
    let scheme = self[..<mark.lowerBound]
    guard let first = scheme.utf8.first, Self.isLetter(first),
      scheme.utf8.allSatisfy({ Self.isLetter($0) || (0x30...0x39).contains($0) || "+-.".utf8.contains($0) })
    else { return "…" }
    let rest = self[mark.upperBound...]
    let authority = rest.prefix { !"/?#".contains($0) }
    guard let host = Self.hostAndPort(in: authority) else { return "\(scheme)://…" }
    let path = rest[authority.endIndex...].prefix { !"?#".contains($0) }
    return "\(scheme)://\(host)\(path)"
  }

  /// What follows the user information in `authority`; nil if that cannot be told, as in a password with an unescaped slash.
  private static func hostAndPort(in authority: Substring) -> Substring? {
    let host = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
    var name = host
    if let colon = host.lastIndex(of: ":"), !host.hasSuffix("]") {
      guard host[colon...].dropFirst().utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
      name = host[..<colon]
    }
    let isNumeric = name.hasPrefix("[") && name.hasSuffix("]")
    let inner = isNumeric ? name.dropFirst().dropLast() : name
    return inner.contains(where: { (isNumeric ? "[]" : "[]:").contains($0) }) ? nil : host
  }

  private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }
}
