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
  let (written, digested) = sideBySide {
    Result { () throws(IOError) in
      var sink = SparseFileSink(descriptor, path: path)
      for run in try TarWriter(tree) { try sink.write([run], progress: progress) }
      _ = try sink.finish()
    }
  } and: {
    Result { () throws(IOError) in
      var sink = DigestSink()
      var size = 0
      for run in try TarWriter(tree) {
        try sink.write([run], progress: progress)
        size += run.count
      }
      return (size: size, digest: sink.finish())
    }
  }
  try written.get()
  return try digested.get()
}
