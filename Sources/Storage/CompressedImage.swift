import Bytes
import CLinux
import Synchronization
import SystemPackage

/// An output, compressed chunk by chunk.
package struct CompressedImage {
  private let source: RunSource
  private let digests: BlockDigests
  private let compression: Compression
  private let store: ChunkStore
  private let gate: Gate

  /// The threads that may compress at a time without taking more than `memory` bytes.
  package static func threads(_ compression: Compression, memory: Int) -> Int {
    max(1, min(processorCount(), memory / compression.memory))
  }

  /// An image of `source`, whose blocks have the `digests`. All chunks come from and go to `store`; no more are
  /// compressed at a time than `gate` lets through.
  package init(
    _ source: RunSource, digests: BlockDigests, compression: Compression, store: ChunkStore, gate: Gate
  ) {
    self.source = source
    self.digests = digests
    self.compression = compression
    self.store = store
    self.gate = gate
  }

  /// Writes the image into the empty file `descriptor`, called `path` in messages.
  ///
  /// - Returns: the bytes of the file, and how many of its chunks had to be compressed.
  /// - Throws: `IOError`, with the cause `.cancelled` once `progress` is.
  package func write(
    to descriptor: FileDescriptor, path: FilePath, progress: Progress?
  ) throws(IOError) -> (size: Int, compressed: Int) {
    let chunks = ChunkPlan(source.runs).chunks
    let keys = try chunks.map { (chunk) throws(IOError) in try key(chunk) }
    let compressed = Atomic<Int>(0)
    // The first chunk of each content: zeros, mostly, come again and again.
    var first: [SHA256Digest: Int] = [:]
    for (index, key) in keys.enumerated() where first[key] == nil { first[key] = index }
    let wanted = first.values.sorted()
    try parallel(wanted.count) { (index) throws(IOError) in
      if progress?.isCancelled ?? false { throw IOError(path: "\(path)", operation: "write", cause: .cancelled) }
      let key = keys[wanted[index]]
      guard store.sizes(key) == nil else { return }
      store.keep(try encode(chunks[wanted[index]]), as: key)
      compressed.add(1, ordering: .relaxed)
    }
    var sink = AppendingFile(descriptor, path: path)
    try sink.append(compression.head)
    var sizes: [ChunkSizes] = []
    for (chunk, key) in zip(chunks, keys) {
      if progress?.isCancelled ?? false { throw IOError(path: "\(path)", operation: "write", cause: .cancelled) }
      if let known = store.sizes(key), let (file, count) = store.open(key) {
        try sink.append(file, count: count)
        sizes.append(known)
      } else {
        // The store could not keep it, or someone has emptied the store.
        store.forget(key)
        let encoded = try encode(chunk)
        compressed.add(1, ordering: .relaxed)
        try sink.append(encoded.bytes)
        sizes.append(encoded.sizes)
      }
      progress?.advance(by: chunk.count)
    }
    try sink.append(compression.tail(sizes))
    return (sink.size, compressed.load(ordering: .relaxed))
  }

  private func encode(_ chunk: Range<Int>) throws(IOError) -> EncodedChunk {
    try gate.pass { () throws(IOError) in
      try compression.encode(source.read(at: chunk.lowerBound, count: chunk.count))
    }
  }

  /// What a chunk holds and how it is compressed. A chunk is a number of whole blocks, whose digests are known, or a
  /// part of one.
  private func key(_ chunk: Range<Int>) throws(IOError) -> SHA256Digest {
    let size = BlockDigests.blockSize
    var description = Array("\(compression.identity) \(chunk.count)\n".utf8)
    let isWhole = chunk.upperBound.isMultiple(of: size) || chunk.upperBound == source.size
    if chunk.lowerBound.isMultiple(of: size) && isWhole {
      for block in chunk.lowerBound / size..<(chunk.upperBound + size - 1) / size {
        description += digests.digest(of: block).bytes
      }
    } else {
      description += try SHA256.of(source.read(at: chunk.lowerBound, count: chunk.count)).bytes
    }
    return SHA256.of(description)
  }
}

/// A file that is written from its first byte to its last.
private struct AppendingFile {
  private let descriptor: FileDescriptor
  private let path: FilePath
  private(set) var size = 0

  init(_ descriptor: FileDescriptor, path: FilePath) {
    self.descriptor = descriptor
    self.path = path
  }

  mutating func append(_ bytes: [UInt8]) throws(IOError) {
    do {
      size += try descriptor.writeAll(toAbsoluteOffset: Int64(size), bytes)
    } catch {
      throw IOError(path, "write", error as? Errno ?? .ioError)
    }
  }

  mutating func append(_ file: FileSource, count: Int) throws(IOError) {
    var done = 0
    while done < count {
      let copied = pb_copy_file_range(
        file.descriptor.rawValue, Int64(done), descriptor.rawValue, Int64(size), count - done)
      guard copied > 0 else { break }
      done += Int(copied)
      size += Int(copied)
    }
    if done < count { try append(file.read(at: done, count: count - done)) }
  }
}
