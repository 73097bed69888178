import CCrypto

/// A SHA-256 being computed, by OpenSSL's libcrypto.
///
/// Every answer of libcrypto is checked. `Libcrypto.check` finds a libcrypto that refuses SHA-256 before any work begins; a refusal
/// after that, such as one for lack of memory, ends the process, because a wrong digest would spoil outputs and caches.
@safe package struct SHA256: ~Copyable {
  private let context: OpaquePointer?

  /// A digest of nothing yet.
  package init() {
    guard let context = unsafe SHA256.makeContext() else { Libcrypto.stop("SHA-256") }
    unsafe self.context = context
  }

  deinit { unsafe EVP_MD_CTX_free(context) }

  /// Takes in `bytes`. The state lives in libcrypto's context, so the value itself does not change.
  package borrowing func update(_ bytes: Span<UInt8>) {
    let isDone = unsafe bytes.withUnsafeBytes { unsafe EVP_DigestUpdate(context, $0.baseAddress, $0.count) == 1 }
    guard isDone else { Libcrypto.stop("SHA-256") }
  }

  /// Ends the computation.
  package consuming func finish() -> SHA256Digest {
    var bytes = [UInt8](repeating: 0, count: 32)
    var count: UInt32 = 0
    guard unsafe EVP_DigestFinal_ex(context, &bytes, &count) == 1, count == 32 else { Libcrypto.stop("SHA-256") }
    return SHA256Digest(unchecked: bytes)
  }

  /// The digest of `bytes`.
  package static func of(_ bytes: [UInt8]) -> SHA256Digest { of(bytes.span) }

  /// The digest of `bytes`.
  package static func of(_ bytes: Span<UInt8>) -> SHA256Digest {
    let hash = SHA256()
    hash.update(bytes)
    return hash.finish()
  }

  /// The digest of `bytes`, or nil if libcrypto refuses.
  static func ifAllowed(_ bytes: [UInt8]) -> [UInt8]? {
    guard let context = unsafe makeContext() else { return nil }
    defer { unsafe EVP_MD_CTX_free(context) }
    var digest = [UInt8](repeating: 0, count: 32)
    var count: UInt32 = 0
    guard unsafe EVP_DigestUpdate(context, bytes, bytes.count) == 1,
      unsafe EVP_DigestFinal_ex(context, &digest, &count) == 1, count == 32
    else { return nil }
    return digest
  }

  private static func makeContext() -> OpaquePointer? {
    guard let context = unsafe EVP_MD_CTX_new() else { return nil }
    guard unsafe EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
      unsafe EVP_MD_CTX_free(context)
      return nil
    }
    return unsafe context
  }
}

/// The 32 bytes of a SHA-256.
package struct SHA256Digest: Hashable, Sendable, CustomStringConvertible {
  /// The bytes, first to last.
  package let bytes: [UInt8]

  fileprivate init(unchecked bytes: [UInt8]) { self.bytes = bytes }

  /// The digest that `bytes` are; nil unless they are 32.
  package init?(_ bytes: some Collection<UInt8>) {
    guard bytes.count == 32 else { return nil }
    self.bytes = Array(bytes)
  }

  /// The digest written as 64 hexadecimal digits; nil if `hex` is not that.
  package init?(hex: some StringProtocol) {
    guard let bytes = [UInt8](hex: hex), bytes.count == 32 else { return nil }
    self.bytes = bytes
  }

  /// 64 lower-case hexadecimal digits.
  package var description: String { bytes.hex }
}

extension [UInt8] {
  /// Two lower-case hexadecimal digits a byte.
  package var hex: String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  /// The bytes that `hex` spells, two digits each; nil at any other character or an odd count.
  package init?(hex: some StringProtocol) {
    let digits = hex.utf8.map { Character(Unicode.Scalar($0)).hexDigitValue }
    guard digits.count.isMultiple(of: 2) else { return nil }
    var bytes: [UInt8] = []
    for index in stride(from: 0, to: digits.count, by: 2) {
      guard let high = digits[index], let low = digits[index + 1] else { return nil }
      bytes.append(UInt8(high << 4 | low))
    }
    self = bytes
  }
}
