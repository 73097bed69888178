import CCrypto
import Glibc

/// What this machine's libcrypto is asked before anything depends on it.
package enum Libcrypto {
  /// Compares SHA-256 and SHA-1 of "abc" with the known answers (FIPS 180-4, appendix B).
  ///
  /// - Throws: `LibcryptoError` if libcrypto refuses one of them, as it does where a configuration asks for FIPS without a FIPS
  ///   provider, or computes something else.
  package static func check() throws(LibcryptoError) {
    let message = Array("abc".utf8)
    let answers: [(algorithm: String, expected: String, found: [UInt8]?)] = [
      ("SHA-256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", SHA256.ifAllowed(message)),
      ("SHA-1", "a9993e364706816aba3e25717850c26c9cd0d89d", sha1(message)),
    ]
    for answer in answers {
      guard let found = answer.found else { throw .refused(answer.algorithm, configuration: configuration) }
      guard found.hex == answer.expected else { throw .wrong(answer.algorithm, configuration: configuration) }
    }
  }

  /// The SHA-1 of `bytes`, or nil if libcrypto refuses. Only names are derived from it: version 5 UUIDs.
  static func sha1(_ bytes: [UInt8]) -> [UInt8]? {
    var hash = [UInt8](repeating: 0, count: 20)
    var count: UInt32 = 0
    guard unsafe EVP_Digest(bytes, bytes.count, &hash, &count, EVP_sha1(), nil) == 1, count == 20 else { return nil }
    return hash
  }

  /// Ends the process because libcrypto refused `algorithm` after it had passed `check`. Nothing was published that depends on the
  /// answer, and what is half made is recognised as such by the next run.
  static func stop(_ algorithm: String) -> Never {
    let text = Array("error: \(LibcryptoError.refused(algorithm, configuration: configuration))\n".utf8)
    _ = unsafe text.withUnsafeBytes { unsafe Glibc.write(2, $0.baseAddress, $0.count) }
    _exit(1)
  }

  /// The file that OPENSSL_CONF names, or nil where libcrypto reads its usual one.
  private static var configuration: String? { unsafe getenv("OPENSSL_CONF").map { unsafe String(cString: $0) } }
}

/// A libcrypto that cannot be used.
package enum LibcryptoError: Failure {
  /// It refuses an algorithm.
  case refused(String, configuration: String?)
  /// It answers, and the answer is not the known one.
  case wrong(String, configuration: String?)

  package var kind: FailureKind { .io }

  package var description: String {
    switch self {
    case .refused(let algorithm, let configuration):
      "the libcrypto of this machine refuses \(algorithm)" + LibcryptoError.place(configuration)
    case .wrong(let algorithm, let configuration):
      "the libcrypto of this machine computes a wrong \(algorithm)" + LibcryptoError.place(configuration)
    }
  }

  package var hint: String? {
    "OPENSSL_CONF, or /etc/ssl/openssl.cnf without it, may ask for a provider that is not installed, such as FIPS"
  }

  private static func place(_ configuration: String?) -> String {
    configuration.map { " (OPENSSL_CONF=\($0))" } ?? ""
  }
}
