import Bytes
import CCrypto
import Recipe

/// A node's Ed25519 host key, derived from the fleet's seed and the node's name.
package struct HostKey: Sendable {
  /// The line of known_hosts(5) without the host: kind, key in base 64, comment.
  package let publicLine: String
  /// The private key as OpenSSH keeps it (PROTOCOL.key of OpenSSH), without a passphrase.
  let privateFile: String

  /// The key of the node that has `identity`.
  ///
  /// - Throws: `.unsupported` if the machine's libcrypto has no Ed25519.
  package init(_ identity: NodeIdentity, hostname: HostName) throws(RaspberryPiOSError) {
    let seed = identity.privateBytes(for: "ssh-ed25519 host key")
    guard let publicKey = HostKey.publicKey(of: seed) else {
      throw .unsupported("the libcrypto of this machine has no Ed25519")
    }
    let comment = "root@\(hostname)"
    let blob = HostKey.strings(["ssh-ed25519".utf8Bytes, publicKey])
    publicLine = "ssh-ed25519 \(String(decoding: blob.base64, as: UTF8.self)) \(comment)"

    // Two equal numbers tell OpenSSH that decryption worked; nothing is encrypted here.
    let check = Array(identity.privateBytes(for: "ssh-ed25519 host key check").prefix(4))
    var secret = check + check
    secret += HostKey.strings(["ssh-ed25519".utf8Bytes, publicKey, seed + publicKey, comment.utf8Bytes])
    // Padded to the block size of no cipher, 8, with 1, 2, 3 …
    for number in 0..<UInt8((8 - secret.count % 8) % 8) { secret.append(number + 1) }
    let file =
      "openssh-key-v1\0".utf8Bytes + HostKey.strings(["none".utf8Bytes, "none".utf8Bytes, []])
      + [0, 0, 0, 1] + HostKey.strings([blob, secret])
    privateFile = HostKey.armored(file)
  }

  /// The public key that belongs to a private one of 32 bytes (RFC 8032).
  private static func publicKey(of seed: [UInt8]) -> [UInt8]? {
    guard let key = unsafe EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, seed, seed.count) else { return nil }
    defer { unsafe EVP_PKEY_free(key) }
    var bytes = [UInt8](repeating: 0, count: 32)
    var count = bytes.count
    guard unsafe EVP_PKEY_get_raw_public_key(key, &bytes, &count) == 1, count == 32 else { return nil }
    return bytes
  }

  /// Each of `parts` after its length, 32 bits big-endian.
  private static func strings(_ parts: [[UInt8]]) -> [UInt8] {
    parts.flatMap { part in
      (0..<4).reversed().map { UInt8(truncatingIfNeeded: part.count >> ($0 * 8)) } + part
    }
  }

  private static func armored(_ bytes: [UInt8]) -> String {
    let text = bytes.base64
    let lines = stride(from: 0, to: text.count, by: 70).map {
      String(decoding: text[$0..<min($0 + 70, text.count)], as: UTF8.self)
    }
    return (["-----BEGIN OPENSSH PRIVATE KEY-----"] + lines + ["-----END OPENSSH PRIVATE KEY-----", ""])
      .joined(separator: "\n")
  }
}

extension String {
  fileprivate var utf8Bytes: [UInt8] { Array(utf8) }
}
