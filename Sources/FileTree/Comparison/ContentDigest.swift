import Bytes
import Storage

extension FileContent {
  /// The SHA-256 of the content, holes as zeros.
  ///
  /// - Throws: `IOError` if a source cannot be read, or with the cause `.cancelled` once `progress` is.
  package func digest(progress: Progress? = nil) throws(IOError) -> SHA256Digest {
    var sink = DigestSink()
    try sink.write(runs, progress: progress)
    return sink.finish()
  }
}

extension FileTree {
  /// As many bytes, holes included, as ext4's largest file has: hours of one processor. A hole takes no room, so that a small
  /// archive can hold more than anybody could wait for.
  private static let digestLimit = 16 << 40

  /// The SHA-256 of every file, read on all processors; nil for all other inodes.
  ///
  /// - Throws: `IOError` if a source cannot be read, if the files hold more than 16 TiB in all, or with the cause
  ///   `.cancelled` once `progress` is.
  package func fileDigests(progress: Progress? = nil) throws(IOError) -> InodeMap<SHA256Digest?> {
    try checkContents(limit: Self.digestLimit, operation: "hash")
    let portions = digestPortions(of: ids)
    let found = try parallelMap(portions.count) { (index) throws(IOError) in
      try portions[index].map { (id) throws(IOError) -> SHA256Digest? in
        guard case .file(let content)? = self[id]?.body else { return nil }
        return try content.digest(progress: progress)
      }
    }
    var digests = InodeMap<SHA256Digest?>(absent: nil)
    for (id, digest) in zip(portions.joined(), found.joined()) { digests[id] = digest }
    return digests
  }

  /// Refuses a tree whose files hold more than `limit` bytes in all, holes included: they are not to be tried.
  ///
  /// - Parameter operation: what is not to be tried, as a verb.
  package func checkContents(limit: Int, operation: String) throws(IOError) {
    var left = limit
    for id in ids {
      guard case .file(let content)? = self[id]?.body else { continue }
      guard content.size <= left else {
        throw IOError(
          path: "the tree's files", operation: operation,
          cause: .refused(
            "hold more than \(limit) bytes, holes included",
            hint: "`pibake ls -l -R` shows the sizes of all files without reading them"))
      }
      left -= content.size
    }
  }

  /// The files among `ids` in portions for one processor each: large ones first, the largest before all, so that none is
  /// left over at the end; the others as they lie on the disk.
  private func digestPortions(of ids: [InodeID]) -> [ArraySlice<InodeID>] {
    let largeSize = 16 << 20
    var large: [(size: Int, id: InodeID)] = []
    var small: [(place: Int, id: InodeID)] = []
    for id in ids {
      guard case .file(let content)? = self[id]?.body else { continue }
      if content.size >= largeSize {
        large.append((content.size, id))
      } else {
        small.append((content.start, id))
      }
    }
    large.sort { ($0.size, $1.id) > ($1.size, $0.id) }
    small.sort { ($0.place, $0.id) < ($1.place, $1.id) }
    let smallIDs = small.map(\.id)
    return large.map { [$0.id] }
      + stride(from: 0, to: smallIDs.count, by: 64).map { smallIDs[$0..<min($0 + 64, smallIDs.count)] }
  }
}
