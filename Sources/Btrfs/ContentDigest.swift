import Bytes
import FileTree
import Storage

/// The digest of steps, whatever form of stream they will take: what a subvolume's identity derives from.
struct OperationDigest: ~Copyable {
  private var hash = SHA256()
  private var encoder: OperationEncoder
  private let known: [KnownSource]

  /// A digest of nothing yet, of steps that start from `parent` or from nothing.
  init(parent: Identity?, known: [KnownSource]) {
    encoder = OperationEncoder(form: .v1, parent: parent)
    self.known = known
    if let parent { encoder.buffer.add(.cloneUUID, parent.digest.bytes) }
  }

  /// Takes in all of `source`.
  mutating func update(_ source: some OperationSource) throws(BtrfsError) {
    var source = source
    var operations: [Operation] = []
    while try source.next(into: &operations) {
      for operation in operations {
        if case .write(let path, let range) = operation {
          try BtrfsError.wrapping { () throws(IOError) in try update(path, range) }
        } else {
          try encoder.encode(operation)
        }
        if encoder.buffer.bytes.count >= 256 << 10 { flush() }
      }
      operations.removeAll(keepingCapacity: true)
    }
    flush()
  }

  /// The digest of all that was taken in.
  consuming func finish() -> SHA256Digest { hash.finish() }

  private mutating func flush() {
    hash.update(encoder.buffer.bytes.span)
    encoder.buffer.clear()
  }

  /// What lies in a known source is told by its place, all else by its bytes.
  private mutating func update(_ path: [UInt8], _ range: DataRange) throws(IOError) {
    for extent in range.content.extents
    where extent.offset >= range.offset && extent.offset < range.offset + range.count {
      encoder.buffer.begin(.write)
      encoder.buffer.add(.path, path)
      encoder.buffer.add(.fileOffset, UInt64(extent.offset))
      encoder.buffer.add(.size, UInt64(extent.count))
      let run = range.content.run(of: extent)
      if case .source(let source, let offset, _) = run, let known = known.first(where: { $0.source === source }) {
        encoder.buffer.add(.uuid, known.digest.bytes)
        encoder.buffer.add(.cloneOffset, UInt64(offset))
      } else {
        encoder.buffer.add(.data, try digest(of: run).bytes)
      }
      encoder.buffer.finish()
    }
  }

  private func digest(of run: Run) throws(IOError) -> SHA256Digest {
    if case .bytes(let bytes) = run { return SHA256.of(bytes) }
    var sink = DigestSink()
    try sink.write(run)
    return sink.finish()
  }
}
