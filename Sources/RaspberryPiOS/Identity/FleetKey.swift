import Bytes
import Recipe
import Synchronization

/// The key of a fleet, from which all that tells its nodes apart is derived.
///
/// Public values, such as ids, and private ones, such as host keys, are derived by HKDF (RFC 5869) under different labels. From the
/// ids of a fleet nobody can compute its keys; the only attack is to guess the seed.
struct FleetKey: Sendable {
  private let key: [UInt8]

  /// A text that somebody chose goes through scrypt with this cost: 32 MiB, a tenth of a second for each guess.
  private static let logN: UInt64 = 15
  private static let salt = Array("pibake fleet 2".utf8)
  /// The keys of the seeds of this run: the slow way is gone once a seed, not once a node.
  private static let known = Mutex<[FleetSeed: FleetKey]>([:])

  /// The key of the fleet of `seed`.
  static func of(_ seed: FleetSeed) -> FleetKey {
    known.withLock { known in
      if let key = known[seed] { return key }
      let key = FleetKey(seed)
      known[seed] = key
      return key
    }
  }

  private init(_ seed: FleetSeed) {
    let text = Array(seed.text.exposed.utf8)
    let secret = seed.isMachineMade ? text : KeyDerivation.scrypt(text, salt: Self.salt, logN: Self.logN, count: 32)
    key = KeyDerivation.hmac(key: Self.salt, secret)
  }

  /// The namespace of the fleet's public ids: 16 bytes.
  var publicNamespace: [UInt8] { KeyDerivation.expand(key, info: Array("public ids".utf8), count: 16) }

  /// 32 bytes that nobody may know, for the use that `label` names on the node `node`.
  func privateBytes(for label: String, node: String) -> [UInt8] {
    // Neither a label nor a node's name holds a NUL, so no two pairs make the same text.
    KeyDerivation.expand(key, info: Array("private \(label)\0\(node)".utf8), count: 32)
  }
}
