import Bytes
import CCrypto
import Glibc

/// A certificate (RFC 5280), and what the folder of a trust store needs to know of it.
struct Certificate: Sendable {
  /// The certificate in DER.
  let bytes: [UInt8]
  /// The hash of the subject, by which OpenSSL looks for files: 8 hexadecimal digits.
  let subjectHash: String
  /// Whether it may sign others.
  let isAuthority: Bool
  /// Whether its last day is over.
  let isExpired: Bool

  /// The certificate that `bytes` is; nil if it is none, or libcrypto refuses to hash.
  ///
  /// - Parameter seconds: the time at which it may have expired, from 1970.
  init?(_ bytes: [UInt8], at seconds: Int64) {
    let parsed: OpaquePointer? = unsafe bytes.withUnsafeBufferPointer { buffer in
      var end = buffer.baseAddress
      guard let parsed = unsafe d2i_X509(nil, &end, buffer.count) else { return nil }
      // What comes after it is no part of a certificate.
      guard unsafe end == buffer.baseAddress.map({ unsafe $0 + buffer.count }) else {
        unsafe X509_free(parsed)
        return nil
      }
      return unsafe parsed
    }
    guard let parsed = unsafe parsed else { return nil }
    defer { unsafe X509_free(parsed) }
    var isHashed: Int32 = 0
    let hash = unsafe X509_NAME_hash_ex(X509_get_subject_name(parsed), nil, nil, &isHashed)
    guard isHashed == 1 else { return nil }
    self.bytes = bytes
    let digits = String(UInt32(truncatingIfNeeded: hash), radix: 16)
    subjectHash = String(repeating: "0", count: 8 - digits.count) + digits
    isAuthority = unsafe X509_check_ca(parsed) != 0
    var now = time_t(seconds)
    isExpired = unsafe X509_cmp_time(X509_get0_notAfter(parsed), &now) == -1
  }
}
