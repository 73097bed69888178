import Archive
import Bytes
import FileTree
import Storage
import SystemPackage

/// Writes a tree as the tar archive `name` in `folder`, which only its owner may read, and computes its digest beside that: both
/// walk the same runs, each on a thread of its own.
///
/// - Throws: `IOError` if a source cannot be read or the archive not be written.
func writeArchive(
  _ tree: FileTree, as name: String, in folder: HeldFolder, progress: Progress
) throws(IOError) -> (size: Int, digest: SHA256Digest) {
  let path = folder.path.appending(name)
  let descriptor = try folder.makeFile(name)
  defer { try? descriptor.close() }
  let results = ResultTable<(size: Int, digest: SHA256Digest)>(count: 2)
  try parallel(2) { (part) throws(IOError) in
    var size = 0
    if part == 0 {
      var sink = SparseFileSink(descriptor, path: path)
      for run in try TarWriter(tree) { try sink.write([run], progress: progress) }
      _ = try sink.finish()
      try sync(descriptor, path: path)
    } else {
      var sink = DigestSink()
      for run in try TarWriter(tree) {
        try sink.write([run], progress: progress)
        size += run.count
      }
      results.set((size, sink.finish()), at: 0)
    }
  }
  guard let result = results.values[0] else { preconditionFailure("parallel work that does not throw is done") }
  return result
}
