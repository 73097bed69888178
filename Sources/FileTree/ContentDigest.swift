import Bytes
import Storage

extension FileContent {
  /// The SHA-256 of the content, holes as zeros.
  ///
  /// - Throws: `IOError` if a source cannot be read.
  package func digest() throws(IOError) -> SHA256Digest {
    var sink = DigestSink()
    try sink.write(runs)
    return sink.finish()
  }
}

extension FileTree {
  /// The SHA-256 of every file, read on all processors; indexed by inode number.
  ///
  /// - Throws: `IOError` if a source cannot be read.
  package func fileDigests() throws(IOError) -> [SHA256Digest?] {
    let ids = self.ids
    let digests = ResultTable<SHA256Digest>(count: ids.last.map { Int($0.number) + 1 } ?? 0)
    try parallel(ids.count, batch: 64) { (index) throws(IOError) in
      guard case .file(let content)? = self[ids[index]]?.body else { return }
      digests.set(try content.digest(), at: Int(ids[index].number))
    }
    return digests.values
  }
}
