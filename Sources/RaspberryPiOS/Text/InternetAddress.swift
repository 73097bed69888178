import Glibc

/// Addresses of IPv4 and IPv6 in text.
enum InternetAddress {
  /// The bytes of the address that `text` is, 4 or 16, a zone such as "%eth0" left out; nil if it is none.
  static func bytes(_ text: String) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: 16)
    if unsafe inet_pton(AF_INET, text, &bytes) == 1 { return Array(bytes.prefix(4)) }
    let address = String(text.prefix { $0 != "%" })
    return unsafe inet_pton(AF_INET6, address, &bytes) == 1 ? bytes : nil
  }
}
