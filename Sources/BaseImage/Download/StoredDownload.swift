import Bytes
import Storage
import SystemPackage
import Unpack

/// The whole file of a download, under its name in the cache.
struct StoredDownload {
  /// What is found under the name.
  enum Finding {
    case sound
    case missing
    /// A file of another digest, such as one that a failing disk has changed.
    case spoiled(SHA256Digest)
  }

  let name: String
  private let folder: HeldFolder
  private let digests: FileDigests
  private let isCancelled: @Sendable () -> Bool

  /// The file called `name` in `folder`, a folder of the cache at `cache`.
  init(_ name: String, in folder: HeldFolder, cache: FilePath, _ listener: Download.Listener) {
    self.name = name
    self.folder = folder
    digests = FileDigests(cache: cache, warn: listener.warn)
    isCancelled = listener.isCancelled
  }

  /// Where it is.
  var path: FilePath { folder.path.appending(name) }

  /// Looks for the file and checks its digest, which takes reading it unless the cache knows the digest of a file with this stamp.
  ///
  /// - Parameter expected: the digest; if nil, any file is sound, because only whole files get their name.
  func look(for expected: SHA256Digest?) throws(IOError) -> Finding {
    guard try folder.status(name) != nil else { return .missing }
    guard let expected, try digests.known(of: path) != expected else { return .sound }
    let source: FileSource
    do throws(IOError) {
      source = try folder.file(name)
    } catch {
      if error.cause == .system(.noSuchFileOrDirectory) { return .missing }
      throw error
    }
    let file = try IdentifiedFile(source, isOwn: true)
    let found = try digest(of: source)
    try file.checkUnchanged()
    guard found == expected else { return .spoiled(found) }
    try note(found, of: source)
    return .sound
  }

  /// The digest of all that `source` holds.
  func digest(of source: FileSource) throws(IOError) -> SHA256Digest {
    let hash = SHA256()
    for offset in stride(from: 0, to: source.size, by: 1 << 20) {
      if isCancelled() { throw IOError(path: source.name, operation: "read", cause: .cancelled) }
      let bytes = try source.read(at: offset, count: min(1 << 20, source.size - offset))
      hash.update(bytes.span)
    }
    return hash.finish()
  }

  /// Remembers that the file, open as `source`, has `digest`.
  func note(_ digest: SHA256Digest, of source: FileSource) throws(IOError) {
    try digests.note(digest, of: source.descriptor, at: path)
  }

  /// Removes it.
  func remove() throws(IOError) { try folder.removeFile(name) }
}
