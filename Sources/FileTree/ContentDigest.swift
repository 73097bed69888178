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
  /// The SHA-256 of every file, read on all processors; indexed by inode number.
  ///
  /// - Throws: `IOError` if a source cannot be read, or with the cause `.cancelled` once `progress` is.
  package func fileDigests(progress: Progress? = nil) throws(IOError) -> [SHA256Digest?] {
    let ids = self.ids
    let digests = ResultTable<SHA256Digest>(count: ids.last.map { Int($0.number) + 1 } ?? 0)
    let portions = digestPortions(of: ids)
    try parallel(portions.count) { (index) throws(IOError) in
      for id in portions[index] {
        guard case .file(let content)? = self[id]?.body else { continue }
        digests.set(try content.digest(progress: progress), at: Int(id.number))
      }
    }
    return digests.values
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
