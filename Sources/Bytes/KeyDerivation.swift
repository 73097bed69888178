import CCrypto

/// Keys out of secrets, by this machine's libcrypto.
package enum KeyDerivation {
  /// HMAC-SHA-256 (RFC 2104) of `message` under `key`: 32 bytes. With a salt as the key and a secret as the message it is the first
  /// step of HKDF (RFC 5869, 2.2).
  package static func hmac(key: [UInt8], _ message: [UInt8]) -> [UInt8] {
    var code = [UInt8](repeating: 0, count: 32)
    var count: UInt32 = 0
    let made = unsafe HMAC(EVP_sha256(), key, Int32(key.count), message, message.count, &code, &count)
    guard unsafe made != nil, count == 32 else { Libcrypto.stop("HMAC-SHA-256") }
    return code
  }

  /// The second step of HKDF (RFC 5869, 2.3): `count` bytes, at most 8,160, of the key `key` that the first step gave.
  ///
  /// - Parameter info: what sets the bytes apart from others of the same key.
  package static func expand(_ key: [UInt8], info: [UInt8], count: Int) -> [UInt8] {
    var output: [UInt8] = []
    var block: [UInt8] = []
    var number: UInt8 = 0
    while output.count < count && number < .max {
      number += 1
      block = hmac(key: key, block + info + [number])
      output += block
    }
    return Array(output.prefix(count))
  }

  /// `count` bytes by scrypt (RFC 7914) with r = 8, p = 1: slow on purpose, for a text that somebody may guess.
  ///
  /// - Parameter logN: the cost, a power of two; it takes 1 KiB times that of memory.
  package static func scrypt(_ text: [UInt8], salt: [UInt8], logN: UInt64, count: Int) -> [UInt8] {
    var key = [UInt8](repeating: 0, count: count)
    let phrase = text.map { CChar(bitPattern: $0) }
    // Some more than the 128 * r * N bytes that it takes.
    let memory = (UInt64(1024) << logN) + 1 << 20
    let made = unsafe EVP_PBE_scrypt(phrase, phrase.count, salt, salt.count, 1 << logN, 8, 1, memory, &key, count)
    guard made == 1 else { Libcrypto.stop("scrypt") }
    return key
  }

  /// `count` bytes by PBKDF2 with HMAC-SHA-1 (RFC 8018, 5.2): how WPA2 makes a key of a passphrase.
  package static func pbkdf2(_ text: [UInt8], salt: [UInt8], rounds: Int32, count: Int) -> [UInt8] {
    var key = [UInt8](repeating: 0, count: count)
    let phrase = text.map { CChar(bitPattern: $0) }
    let made = unsafe PKCS5_PBKDF2_HMAC_SHA1(
      phrase, Int32(phrase.count), salt, Int32(salt.count), rounds, Int32(count), &key)
    guard made == 1 else { Libcrypto.stop("PBKDF2") }
    return key
  }
}
