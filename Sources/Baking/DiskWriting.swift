import Bytes
import Storage
import Synchronization
import SystemPackage

extension DiskOutput {
  /// Writes the file into `folder` as a sparse file that only its owner may read, and computes its digest beside that:
  /// both walk the same runs, each on a thread of its own.
  ///
  /// - Throws: `IOError` if a source cannot be read or the file not be written.
  func write(into folder: FilePath, progress: Progress) throws(IOError) -> SHA256Digest {
    let path = folder.appending(name)
    let digest = Mutex<SHA256Digest?>(nil)
    try parallel(2) { (part) throws(IOError) in
      if part == 0 {
        try write(to: path, progress: progress)
      } else {
        var sink = DigestSink()
        try sink.write(runs, progress: progress)
        let value = sink.finish()
        digest.withLock { $0 = value }
      }
    }
    guard let digest = digest.withLock({ $0 }) else {
      throw IOError(path: path.description, operation: "write", cause: .cancelled)
    }
    return digest
  }

  private func write(to path: FilePath, progress: Progress) throws(IOError) {
    let descriptor: FileDescriptor
    do {
      descriptor = try FileDescriptor.open(
        path, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec], permissions: [.ownerReadWrite])
    } catch {
      throw IOError(path, "create", error as? Errno ?? .ioError)
    }
    defer { try? descriptor.close() }
    var sink = SparseFileSink(descriptor, path: path)
    try sink.write(runs, progress: progress)
    _ = try sink.finish()
    try sync(descriptor, path: path)
  }
}
