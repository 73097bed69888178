import Bytes

/// By what receivers know a subvolume wherever it lies: the UUID that its stream carries.
package struct Identity: Hashable, Sendable {
  /// The digest that everything else derives from.
  package let digest: SHA256Digest
  /// The UUID, which a received subvolume keeps as its received UUID.
  package let uuid: UUID

  /// The generation that streams name beside the UUID: receivers store it, and compare it with nothing.
  static let generation: UInt64 = 1

  /// The identity of what has this digest.
  package init(digest: SHA256Digest) {
    self.digest = digest
    uuid = UUID(name: "btrfs subvolume \(digest)", in: .pibake)
  }

  /// The first 16 digits of the digest, enough to tell one base from another in names.
  package var shortDigest: String { String("\(digest)".prefix(16)) }
}
