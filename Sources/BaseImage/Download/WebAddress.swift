import Bytes
import CCurl

/// A URL as libcurl reads it, in parts, so that credentials are sent to their own server only.
struct WebAddress: Sendable {
  /// Scheme, host, port and path, which may be shown and recorded.
  let bare: String
  /// The URL without user information and fragment, for the request.
  let request: String
  let scheme: String
  /// The user name and the password, decoded; nil if the URL gives none.
  let user: String?
  let password: String?
  /// Scheme, host and port: the server that the credentials are for.
  private let origin: [String]
  /// Texts that no message may contain.
  private let secrets: [String]

  /// The address that `text` gives, relative to `base` if that is given.
  ///
  /// The address gets the credentials of `base` if scheme, host and port are the same. Credentials in a `text` that a server has
  /// sent are ignored.
  ///
  /// - Returns: nil if `text` is no URL to libcurl.
  init?(_ text: String, relativeTo base: WebAddress? = nil) {
    guard let parts = unsafe curl_url() else { return nil }
    defer { unsafe curl_url_cleanup(parts) }
    if let base { guard unsafe curl_url_set(parts, CURLUPART_URL, base.request, 0) == CURLUE_OK else { return nil } }
    // URLs of any scheme are read, so that the error can name the scheme.
    let flags = UInt32(CURLU_NON_SUPPORT_SCHEME)
    guard unsafe curl_url_set(parts, CURLUPART_URL, text, flags) == CURLUE_OK,
      let scheme = unsafe Self.part(CURLUPART_SCHEME, of: parts),
      let path = unsafe Self.part(CURLUPART_PATH, of: parts)
    else { return nil }
    self.scheme = scheme.lowercased()
    let host = unsafe Self.part(CURLUPART_HOST, of: parts)?.lowercased() ?? ""
    let port = unsafe Self.part(CURLUPART_PORT, of: parts)
    let defaultedPort = unsafe Self.part(CURLUPART_PORT, of: parts, UInt32(CURLU_DEFAULT_PORT)) ?? ""
    origin = [self.scheme, host, defaultedPort]
    bare = "\(self.scheme)://\(host)\(port.map { ":\($0)" } ?? "")\(path)"

    let given = [CURLUPART_USER, CURLUPART_PASSWORD].map {
      unsafe Self.part($0, of: parts, UInt32(CURLU_URLDECODE))
    }
    if let base {
      let isSame = base.origin == origin
      (user, password) = isSame ? (base.user, base.password) : (nil, nil)
    } else {
      (user, password) = (given[0], given[1])
    }
    let query = unsafe Self.part(CURLUPART_QUERY, of: parts)
    let raw = [CURLUPART_USER, CURLUPART_PASSWORD].map { unsafe Self.part($0, of: parts) }
    for part in [CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_OPTIONS, CURLUPART_FRAGMENT] {
      guard unsafe curl_url_set(parts, part, nil, 0) == CURLUE_OK else { return nil }
    }
    guard let request = unsafe Self.part(CURLUPART_URL, of: parts, flags) else { return nil }
    self.request = request
    secrets = ([query] + given + raw).compactMap(\.self).filter { $0.utf8.count > 2 } + (base?.secrets ?? [])
  }

  /// `text`, a message of libcurl, with "…" in the place of the secrets of the address.
  func cleaned(_ text: String) -> String {
    secrets.reduce(text) { $0.replacing($1, with: "…") }
  }

  /// The last name of the path, of letters, digits and some marks only; "image" if there is none.
  var tail: String {
    let name = bare.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
    let clean = name.utf8.suffix(48).map { byte in
      Self.isPlain(byte) ? Character(Unicode.Scalar(byte)) : "_"
    }
    // These endings have a meaning in the cache.
    let isTaken = [".part", ".record"].contains { clean.suffix($0.count) == Array($0) }
    return clean.isEmpty ? "image" : String(clean) + (isTaken ? "_" : "")
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || "._-".utf8.contains(byte)
  }

  private static func part(_ part: CURLUPart, of parts: OpaquePointer, _ flags: UInt32 = 0) -> String? {
    var text: UnsafeMutablePointer<CChar>?
    guard unsafe curl_url_get(parts, part, &text, flags) == CURLUE_OK, let text = unsafe text else { return nil }
    defer { unsafe curl_free(text) }
    return unsafe String(cString: text)
  }
}
