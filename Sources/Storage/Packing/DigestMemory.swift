import Bytes
import Synchronization

/// The digests of blocks by what the blocks are made of, kept in a file between builds: what was cut from a stock image
/// by the same layout before need not be read to be known.
///
/// It is an entry of the cache: pairs of SHA-256, of what a block is made of and of its bytes, ascending.
package final class DigestMemory: Sendable {
  private struct State {
    var digests: [SHA256Digest: SHA256Digest] = [:]
    /// What this process has asked for or added.
    var used: Set<SHA256Digest> = []
    var isChanged = false
  }

  private let entry: CacheEntry?
  private let sources: [KnownSource]
  private let state: Mutex<State>

  private static let digestSize = 32
  /// Some hundred layouts of a stock image's size. What no recent build has used goes when there are more.
  private static let mostPairs = 1 << 16

  /// What the entry called `name` in `folder` tells of blocks that are made of `sources`. Without a folder nothing is known or
  /// kept; `warn` is told of an entry that was spoiled.
  package init(
    _ name: String, in folder: HeldFolder?, of sources: [KnownSource],
    warn: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.sources = sources
    let key = Array("digests ".utf8) + sources.flatMap(\.digest.bytes)
    entry = folder.map { CacheEntry(key: key, name: name, in: $0, warn: warn) }
    state = Mutex(State(digests: DigestMemory.load(entry)))
  }

  /// What a block is made of, in 32 bytes; nil where that is not known without reading, or where hashing the block
  /// itself is not much more work.
  func key(of runs: [Run]) -> SHA256Digest? {
    var description: [UInt8] = []
    var made = 0
    var cut = 0
    for run in runs {
      switch run {
      case .zeros(let count): append(0, [count], to: &description)
      case .bytes(let bytes):
        made += bytes.count
        append(1, [bytes.count], to: &description)
        description += bytes
      case .source(let source, let offset, let count):
        guard let known = sources.firstIndex(where: { $0.source === source }) else { return nil }
        cut += count
        append(2, [known, offset, count], to: &description)
      }
    }
    guard cut > made else { return nil }
    for source in sources { description += source.digest.bytes }
    return SHA256.of(description)
  }

  private func append(_ kind: UInt8, _ numbers: [Int], to description: inout [UInt8]) {
    description.append(kind)
    for number in numbers {
      unsafe withUnsafeBytes(of: number.littleEndian) { unsafe description.append(contentsOf: $0) }
    }
  }

  /// The digest of the block that is made of what `key` stands for.
  func digest(_ key: SHA256Digest) -> SHA256Digest? {
    state.withLock { state in
      guard let digest = state.digests[key] else { return nil }
      state.used.insert(key)
      return digest
    }
  }

  /// Remembers the digest of a block.
  func keep(_ digest: SHA256Digest, for key: SHA256Digest) {
    state.withLock { state in
      state.digests[key] = digest
      state.used.insert(key)
      state.isChanged = true
    }
  }

  /// Writes the entry, if there is something new to remember. The sources must be known to be what they were.
  package func save() {
    let pairs = state.withLock { state -> [SHA256Digest: SHA256Digest] in
      guard state.isChanged else { return [:] }
      state.isChanged = false
      if state.digests.count <= DigestMemory.mostPairs { return state.digests }
      return state.digests.filter { state.used.contains($0.key) }
    }
    guard !pairs.isEmpty, pairs.count <= DigestMemory.mostPairs else { return }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(pairs.count * 2 * DigestMemory.digestSize)
    for (key, digest) in pairs.sorted(by: { $0.key.bytes.lexicographicallyPrecedes($1.key.bytes) }) {
      bytes += key.bytes
      bytes += digest.bytes
    }
    entry?.keep(bytes)
  }

  private static func load(_ entry: CacheEntry?) -> [SHA256Digest: SHA256Digest] {
    let limit = mostPairs * 2 * digestSize
    guard let bytes = entry?.read(limit: limit)?.bytes, bytes.count.isMultiple(of: digestSize * 2) else {
      return [:]
    }
    var digests: [SHA256Digest: SHA256Digest] = [:]
    digests.reserveCapacity(bytes.count / (digestSize * 2))
    for place in stride(from: 0, to: bytes.count, by: digestSize * 2) {
      guard let key = SHA256Digest(bytes[place..<place + digestSize]),
        let digest = SHA256Digest(bytes[place + digestSize..<place + digestSize * 2])
      else { return [:] }
      digests[key] = digest
    }
    return digests
  }
}
