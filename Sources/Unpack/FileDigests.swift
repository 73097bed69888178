import Bytes
import Storage
import SystemPackage

/// The digests of files that were written before, for as long as nobody has touched these since: as the cache knows those
/// of images that it has read.
package struct FileDigests: Sendable {
  private let folder: CacheFolder

  /// What the cache in `folder` knows.
  package init(cache folder: FilePath) { self.folder = CacheFolder(path: folder) }

  /// The digest of the file at `path`; nil if there is none, or it is not the one of which `note` was told.
  ///
  /// - Throws: `IOError` if the file or the cache cannot be read.
  package func known(of path: FilePath) throws(IOError) -> SHA256Digest? {
    guard let file = try openingIfPresent(path) else { return nil }
    defer { try? file.close() }
    guard let stamp = try FileStamp(file, path: path) else { return nil }
    return try DigestRecord(at: folder.inputRecord(stamp), of: stamp.ofInput)?.digest
  }

  /// Remembers that the file at `path`, which this process has just put there, has `digest`.
  ///
  /// - Throws: `IOError` if the file or the cache cannot be opened.
  package func note(_ digest: SHA256Digest, of path: FilePath) throws(IOError) {
    let file = try FileSource(path)
    guard let stamp = try FileStamp(file.descriptor, path: path) else { return }
    try folder.create()
    try folder.locked { () throws(IOError) in
      try DigestRecord(stamp: stamp.ofInput, digest: digest).write(to: folder.inputRecord(stamp))
    }
  }
}
