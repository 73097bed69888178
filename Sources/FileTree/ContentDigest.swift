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
    try parallel(ids.count, batch: 64) { (index) throws(IOError) in
      guard case .file(let content)? = self[ids[index]]?.body else { return }
      digests.set(try content.digest(progress: progress), at: Int(ids[index].number))
    }
    return digests.values
  }
}
