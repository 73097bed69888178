import Bytes
import Synchronization

/// Digests that several threads fill in, each at its own index.
final class DigestTable: Sendable {
  private let table: Mutex<[SHA256Digest?]>

  /// A table of `count` places without digests.
  init(count: Int) { table = Mutex([SHA256Digest?](repeating: nil, count: count)) }

  /// Stores the digest of one index.
  func set(_ digest: SHA256Digest, at index: Int) { table.withLock { $0[index] = digest } }

  /// All digests so far.
  var values: [SHA256Digest?] { table.withLock { $0 } }
}
