import Bytes
import CLinux
import Synchronization
import SystemPackage

/// An output, compressed chunk by chunk.
package struct CompressedImage {
  private let source: RunSource
  private let digests: BlockDigests
  private let compression: Compression
  private let stores: Stores
  private let gate: Gate

  /// Where compressed chunks come from and go to.
  package struct Stores: Sendable {
    /// What later builds may use.
    let shared: ChunkStore
    /// What goes with this run: chunks of bytes that belong to a node, such as password hashes.
    let own: ChunkStore
    /// The bytes of the output that belong to the node, ascending.
    let ownRanges: [Range<Int>]

    /// Chunks that meet one of `ownRanges` go to `own`, all others to `shared`.
    package init(shared: ChunkStore, own: ChunkStore, ownRanges: [Range<Int>]) {
      self.shared = shared
      self.own = own
      self.ownRanges = ownRanges
    }

    /// The store of the chunk at `chunk`.
    func of(_ chunk: Range<Int>) -> ChunkStore {
      ownRanges.meet(chunk) ? own : shared
    }
  }

  /// The threads that may compress at a time without taking more than `memory` bytes.
  package static func threads(_ compression: Compression, memory: Int) -> Int {
    threadCount(eachTaking: compression.memory, within: memory)
  }

  /// An image of `source`, whose blocks have the `digests`. All chunks come from and go to `stores`; no more are
  /// compressed at a time than `gate` lets through.
  package init(
    _ source: RunSource, digests: BlockDigests, compression: Compression, stores: Stores, gate: Gate
  ) {
    self.source = source
    self.digests = digests
    self.compression = compression
    self.stores = stores
    self.gate = gate
  }

  /// Writes the image into the empty file `descriptor`, called `path` in messages.
  ///
  /// - Returns: the bytes of the file, their SHA-256, and how many of its chunks had to be compressed.
  /// - Throws: `IOError`, with the cause `.cancelled` once `progress` is.
  package func write(
    to descriptor: FileDescriptor, path: FilePath, progress: Progress?
  ) throws(IOError) -> (size: Int, sha256: SHA256Digest, compressed: Int) {
    let chunks = ChunkPlan(source.runs).chunks
    let keys = try chunks.map { (chunk) throws(IOError) in try key(chunk) }
    let compressed = try compress(chunks, keys, progress)
    var file = AppendingFile(descriptor, path: path)
    let again = try append(chunks, keys, to: &file, progress)
    let size = file.size
    return (size, file.finish(), compressed + again)
  }

  /// Sees to it that the store has all chunks.
  ///
  /// - Returns: how many it had not.
  private func compress(
    _ chunks: [Range<Int>], _ keys: [SHA256Digest], _ progress: Progress?
  ) throws(IOError) -> Int {
    let compressed = Atomic<Int>(0)
    // The first chunk of each content: zeros, mostly, come again and again.
    var first: [ObjectIdentifier: [SHA256Digest: Int]] = [:]
    for (index, key) in keys.enumerated() {
      let store = ObjectIdentifier(stores.of(chunks[index]))
      if first[store]?[key] == nil { first[store, default: [:]][key] = index }
    }
    let wanted = first.values.flatMap(\.values).sorted()
    try parallel(wanted.count) { (index) throws(IOError) in
      try check(progress)
      let key = keys[wanted[index]]
      let store = stores.of(chunks[wanted[index]])
      guard store.sizes(key) == nil else { return }
      store.keep(try encode(chunks[wanted[index]], key), as: key)
      compressed.add(1, ordering: .relaxed)
    }
    return compressed.load(ordering: .relaxed)
  }

  /// Appends head, chunks and tail.
  ///
  /// - Returns: how many chunks the store had not.
  private func append(
    _ chunks: [Range<Int>], _ keys: [SHA256Digest], to file: inout AppendingFile, _ progress: Progress?
  ) throws(IOError) -> Int {
    try file.append(compression.head)
    var compressed = 0
    var sizes: [ChunkSizes] = []
    for (chunk, key) in zip(chunks, keys) {
      try check(progress)
      let store = stores.of(chunk)
      if let (stored, count, known) = store.open(key) {
        try file.append(stored, count: count)
        sizes.append(known)
      } else {
        // The store could not keep it, or someone has emptied the store.
        store.forget(key)
        let encoded = try encode(chunk, key)
        compressed += 1
        try file.append(encoded.bytes)
        sizes.append(encoded.sizes)
      }
      progress?.advance(by: chunk.count)
    }
    try file.append(compression.tail(sizes))
    return compressed
  }

  private func check(_ progress: Progress?) throws(IOError) {
    if progress?.isCancelled ?? false { throw IOError(path: source.name, operation: "write", cause: .cancelled) }
  }

  /// Compresses a chunk.
  ///
  /// - Throws: `IOError` with the cause `.changed` if its bytes are no longer those that `key` was computed from.
  private func encode(_ chunk: Range<Int>, _ key: SHA256Digest) throws(IOError) -> EncodedChunk {
    try gate.pass { () throws(IOError) in
      let bytes = try source.read(at: chunk.lowerBound, count: chunk.count)
      // Hashed once more: what is kept under the key for later builds must be what the key says.
      guard self.key(of: bytes, at: chunk) == key else {
        throw IOError(path: source.name, operation: "read", cause: .changed)
      }
      return try compression.encode(bytes)
    }
  }

  /// What a chunk holds and how it is compressed. A chunk is a number of whole blocks, whose digests are known, or a
  /// part of one.
  private func key(_ chunk: Range<Int>) throws(IOError) -> SHA256Digest {
    guard isWholeBlocks(chunk) else {
      return key(of: try source.read(at: chunk.lowerBound, count: chunk.count), at: chunk)
    }
    let size = BlockDigests.blockSize
    let blocks = chunk.lowerBound / size..<(chunk.upperBound + size - 1) / size
    return key(chunk.count, blocks.map { digests.digest(of: $0) })
  }

  /// The key of the chunk at `chunk` if it holds `bytes`.
  private func key(of bytes: [UInt8], at chunk: Range<Int>) -> SHA256Digest {
    guard isWholeBlocks(chunk) else { return key(chunk.count, [SHA256.of(bytes)]) }
    let size = BlockDigests.blockSize
    let starts = stride(from: 0, to: bytes.count, by: size)
    return key(chunk.count, starts.map { SHA256.of(bytes.span.extracting($0..<min($0 + size, bytes.count))) })
  }

  private func key(_ count: Int, _ digests: [SHA256Digest]) -> SHA256Digest {
    SHA256.of(Array("\(compression.identity) sealed by key, \(count)\n".utf8) + digests.flatMap(\.bytes))
  }

  private func isWholeBlocks(_ chunk: Range<Int>) -> Bool {
    let size = BlockDigests.blockSize
    return chunk.lowerBound.isMultiple(of: size)
      && (chunk.upperBound.isMultiple(of: size) || chunk.upperBound == source.size)
  }
}

/// The size of a copy through this process.
private let copySize = 1 << 20

/// The number of bytes after which writeback is started, so that the sync at the end has less to wait for.
private let writebackSize = 32 << 20

/// A file that is written from its first byte to its last, and hashed as it is.
private struct AppendingFile: ~Copyable {
  private let descriptor: FileDescriptor
  private let path: FilePath
  private let hash = SHA256()
  private var buffer: [UInt8] = []
  private(set) var size = 0
  /// Up to where the disk was told to write.
  private var written = 0

  init(_ descriptor: FileDescriptor, path: FilePath) {
    self.descriptor = descriptor
    self.path = path
  }

  mutating func append(_ bytes: [UInt8]) throws(IOError) { try append(bytes.span) }

  private mutating func append(_ bytes: Span<UInt8>) throws(IOError) {
    let place = Int64(size)
    do {
      try unsafe bytes.withUnsafeBytes { _ = unsafe try descriptor.writeAll(toAbsoluteOffset: place, $0) }
    } catch {
      throw IOError(path, "write", error as? Errno ?? .ioError)
    }
    size += bytes.count
    hash.update(bytes)
    if size - written >= writebackSize {
      _ = pb_start_writeback(descriptor.rawValue, Int64(written), Int64(size - written))
      written = size
    }
  }

  /// Appends the first `count` bytes of `file`.
  mutating func append(_ file: FileSource, count: Int) throws(IOError) {
    // Taken out while its bytes are appended.
    var buffer = self.buffer.isEmpty ? [UInt8](repeating: 0, count: copySize) : self.buffer
    self.buffer = []
    defer { self.buffer = buffer }
    var done = 0
    while done < count {
      let size = min(copySize, count - done)
      try file.read(at: done, into: &buffer, range: 0..<size)
      try append(buffer.span.extracting(0..<size))
      done += size
    }
  }

  /// The digest of the whole.
  consuming func finish() -> SHA256Digest { hash.finish() }
}
