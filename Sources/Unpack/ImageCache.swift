import Bytes
import Storage
import SystemPackage

/// Opens stock images of any container as raw disks; what must be decoded is decoded once, into a folder.
///
/// One process or many may use the folder at the same time.
package struct ImageCache: Sendable {
  let folder: CacheFolder
  let limit: Int
  /// How coarse the times of files may be, in seconds: FAT counts in twos.
  var tick = 2

  /// A cache in `folder`, which is made when there is something to keep.
  ///
  /// - Parameter limit: the largest disk that is decoded, in bytes.
  package init(folder: FilePath, limit: Int = 1 << 40) {
    self.folder = CacheFolder(path: folder)
    self.limit = limit
  }

  /// Opens the stock image at `path`.
  ///
  /// Reads and decodes on the calling thread; a file that was read before and has not changed since is not read again.
  ///
  /// - Parameters:
  ///   - inputDigest: what the SHA-256 of the file must be.
  ///   - imageDigest: what the SHA-256 of the disk in it must be.
  ///   - demand: whether a raw disk is read for its digest alone.
  ///   - progress: advanced by the bytes of the file that were read.
  ///   - cancelled: asked before each chunk of the file and of the disk.
  /// - Throws: `UnpackError`; the cache then holds nothing new.
  package func open(
    _ path: FilePath, expecting inputDigest: SHA256Digest? = nil, image imageDigest: SHA256Digest? = nil,
    digest demand: DigestDemand = .ifKnown, progress: Progress? = nil,
    cancelled: @escaping @Sendable () -> Bool = { false }
  ) throws(UnpackError) -> UnpackedImage {
    let file = try performing { () throws(IOError) in try FileSource(path) }
    let stamp = try performing { () throws(IOError) in try FileStamp(file.descriptor, path: path) }
    let container = try Container(of: Input(file, progress: nil, cancelled: cancelled))
    let expected = Expected(path: path.description, input: inputDigest, image: imageDigest)
    let reading = Reading(file: file, stamp: stamp, tick: tick, progress: progress, cancelled: cancelled)

    var digest = try known(stamp)
    guard let decoder = container.decoder else {
      if digest == nil && (demand == .required || inputDigest != nil || imageDigest != nil) {
        digest = try read(reading)
      }
      if let digest { try expected.check(input: digest, image: digest) }
      return UnpackedImage(
        source: file, container: .raw, inputDigest: digest, imageDigest: digest, wasCached: false)
    }
    // A copy of what was decoded before: to read it costs a tenth of decoding it.
    if digest == nil, let inputDigest, try holds(inputDigest) { digest = try read(reading) }
    if let digest, let (source, image) = try cached(digest, name: file.name) {
      try expected.check(input: digest, image: image)
      return UnpackedImage(
        source: source, container: container, inputDigest: digest, imageDigest: image, wasCached: true)
    }
    return try decode(reading, container, with: decoder, expected)
  }

  /// The digest of the file with `stamp`, if it was read before.
  private func known(_ stamp: FileStamp?) throws(UnpackError) -> SHA256Digest? {
    guard let stamp else { return nil }
    return try performing { () throws(IOError) in
      try DigestRecord.digest(at: folder.inputRecord(stamp), of: stamp.ofInput)
    }
  }

  /// The digest of a file, from its bytes.
  private func read(_ reading: Reading) throws(UnpackError) -> SHA256Digest {
    let digest = try reading.input().digest()
    try reading.checkUnchanged()
    try performing { () throws(IOError) in
      try folder.create()
      try folder.locked { () throws(IOError) in try remember(digest, of: reading) }
    }
    return digest
  }

  /// Records the digest of a file for the next run. The folder must be locked.
  func remember(_ digest: SHA256Digest, of reading: Reading) throws(IOError) {
    guard let stamp = reading.stamp, reading.wasSettled else { return }
    try DigestRecord(stamp: stamp.ofInput, digest: digest).write(to: folder.inputRecord(stamp))
  }

  private func holds(_ digest: SHA256Digest) throws(UnpackError) -> Bool {
    try performing { () throws(IOError) in try storedImage(digest) } != nil
  }

  /// The decoded image of a file with `digest`, under `name`, and the image's own digest.
  func cached(
    _ digest: SHA256Digest, name: String
  ) throws(UnpackError) -> (source: any ByteSource, image: SHA256Digest)? {
    try performing { () throws(IOError) in
      guard let (file, image) = try storedImage(digest) else { return nil }
      return (try WindowSource(file, range: 0..<file.size, name: name), image)
    }
  }

  /// The decoded image as it is stored; nil if it is not there, or was changed since it was written.
  func storedImage(_ digest: SHA256Digest) throws(IOError) -> (FileSource, SHA256Digest)? {
    let path = folder.image(digest)
    let file: FileSource
    do {
      file = try FileSource(path)
    } catch {
      if error.cause == .system(.noSuchFileOrDirectory) { return nil }
      throw error
    }
    guard let stamp = try FileStamp(file.descriptor, path: path),
      let image = try DigestRecord.digest(at: folder.imageRecord(digest), of: stamp.ofImage)
    else { return nil }
    return (file, image)
  }
}
