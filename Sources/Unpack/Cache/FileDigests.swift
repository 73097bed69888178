import Bytes
import Storage
import SystemPackage

/// The digests of files that were written before, for as long as nobody has touched these since: as the cache knows those
/// of images that it has read.
package struct FileDigests: Sendable {
  private let folder: CacheFolder

  /// What the cache in `folder` knows; `warn` is told of entries that were spoiled.
  package init(cache folder: FilePath, warn: @escaping @Sendable (String) -> Void = { _ in }) {
    self.folder = CacheFolder(folder, warn: warn)
  }

  /// The digest of the file at `path`; nil if there is none, or it is not the one of which `note` was told.
  ///
  /// - Throws: `IOError` if the file or the cache cannot be read.
  package func known(of path: FilePath) throws(IOError) -> SHA256Digest? {
    let file: IdentifiedFile
    do throws(IOError) {
      file = try IdentifiedFile(path)
    } catch {
      if error.cause == .system(.noSuchFileOrDirectory) { return nil }
      throw error
    }
    guard let stamp = file.stamp, let inputs = try folder.inputs(),
      let record = DigestRecord(folder.inputRecord(stamp, in: inputs)), record.stamp == stamp.description
    else { return nil }
    return record.digest
  }

  /// Remembers that the open file `descriptor`, which this process has just put at `path`, has `digest`.
  ///
  /// - Throws: `IOError` if the file or the cache cannot be opened.
  package func note(_ digest: SHA256Digest, of descriptor: FileDescriptor, at path: FilePath) throws(IOError) {
    guard let stamp = try FileStamp(descriptor, path: path) else { return }
    let inputs = try folder.directory.making("inputs")
    DigestRecord(stamp: stamp.description, digest: digest).keep(in: folder.inputRecord(stamp, in: inputs))
  }
}
