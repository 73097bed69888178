import Bytes
import Storage
import SystemPackage

/// Opens stock images of any container as raw disks; what must be decoded is decoded once, into a folder.
///
/// One process or many may use the folder at the same time.
package struct ImageCache: Sendable {
  let folder: CacheFolder
  let limit: Int
  /// How much the decoded images may take on the disk; nil for a share of it.
  let capacity: Int?
  /// How coarse the times of files may be, in seconds: FAT counts in twos.
  var tick = 2

  /// A cache in `folder`, which is made when there is something to keep.
  ///
  /// - Parameters:
  ///   - limit: the largest disk that is opened, in bytes.
  ///   - capacity: how many bytes the decoded images may take together; those used least recently make room for a new one. If nil,
  ///     20 GiB, or a fifth of the volume if that is less.
  ///   - warn: told of entries that were spoiled, and made anew.
  package init(
    folder: FilePath, limit: Int = 1 << 40, capacity: Int? = nil, warn: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.folder = CacheFolder(folder, warn: warn)
    self.limit = limit
    self.capacity = capacity
  }

  /// Opens the stock image at `path`.
  ///
  /// Reads and decodes on the calling thread and some of its own; a file that was read before and has not changed since is not
  /// read again.
  ///
  /// - Parameters:
  ///   - inputDigest: what the SHA-256 of the file must be.
  ///   - imageDigest: what the SHA-256 of the image in it must be.
  ///   - demand: whether a raw disk is read for its digest alone.
  ///   - access: how much of the disk will be read. For some of it, an .xz file of several blocks is not decoded but read in
  ///     place, without digests; unless it was decoded before, or one of the digests is given.
  ///   - progress: advanced by the bytes of the file that were read.
  ///   - cancelled: asked before each chunk of the file and of the disk.
  /// - Throws: `UnpackError`; the cache then holds nothing new.
  package func open(
    _ path: FilePath, expecting inputDigest: SHA256Digest? = nil, image imageDigest: SHA256Digest? = nil,
    digest demand: DigestDemand = .ifKnown, access: Access = .whole, progress: Progress? = nil,
    cancelled: @escaping @Sendable () -> Bool = { false }
  ) throws(UnpackError) -> UnpackedImage {
    let file = try performing { () throws(IOError) in try IdentifiedFile(path) }
    let expected = Expected(path: path.description, input: inputDigest, image: imageDigest)
    let reading = Reading(file: file, tick: tick, progress: progress, cancelled: cancelled)

    var digest = try known(file.stamp)
    let unpacking = try Unpacking(file.source, limit: limit, progress: progress, cancelled: cancelled)
    guard !unpacking.isDisk else {
      if digest == nil && (demand == .required || expected.isGiven) { digest = try read(reading) }
      if let digest { try expected.check(input: digest, image: digest) }
      return try UnpackedImage(raw: file, digest: digest).expanded(limit: limit)
    }
    // A copy of what was decoded before: to read it costs a tenth of decoding it.
    if digest == nil, let inputDigest, try stored(inputDigest) != nil { digest = try read(reading) }
    if let digest, let stored = try stored(digest) {
      try expected.check(input: digest, image: stored.digest)
      return try stored.image(of: digest, name: path.description, wasCached: true).expanded(limit: limit)
    }
    if access == .scattered, !expected.isGiven, let image = try unpacking.inPlace() {
      return image.read(from: file)
    }
    return try decode(reading, unpacking, expected).expanded(limit: limit)
  }

  /// Opens the stock image at `path` where it lies, without a cache: a raw disk, or, for `.scattered` access, an .xz file of several
  /// blocks.
  ///
  /// - Returns: the image, without digests; nil if it must be decoded.
  /// - Throws: `UnpackError`.
  package static func openInPlace(
    _ path: FilePath, limit: Int = 1 << 40, access: Access, progress: Progress? = nil,
    cancelled: @escaping @Sendable () -> Bool = { false }
  ) throws(UnpackError) -> UnpackedImage? {
    let file = try performing { () throws(IOError) in try IdentifiedFile(path) }
    let unpacking = try Unpacking(file.source, limit: limit, progress: progress, cancelled: cancelled)
    if unpacking.isDisk { return try UnpackedImage(raw: file, digest: nil).expanded(limit: limit) }
    return access == .scattered ? try unpacking.inPlace()?.read(from: file) : nil
  }

  /// The digest of the file with `stamp`, if it was read before.
  private func known(_ stamp: FileStamp?) throws(UnpackError) -> SHA256Digest? {
    guard let stamp, let inputs = try performing({ () throws(IOError) in try folder.inputs() }) else { return nil }
    let record = DigestRecord(folder.inputRecord(stamp, in: inputs))
    return record?.stamp == stamp.description ? record?.digest : nil
  }

  /// The digest of a file, from its bytes.
  private func read(_ reading: Reading) throws(UnpackError) -> SHA256Digest {
    let digest = try reading.input().digest()
    try reading.checkUnchanged()
    try performing { () throws(IOError) in try remember(digest, of: reading) }
    return digest
  }

  /// Records the digest of a file for the next run.
  func remember(_ digest: SHA256Digest, of reading: Reading) throws(IOError) {
    guard let stamp = reading.file.stamp, reading.wasSettled else { return }
    let inputs = try folder.directory.making("inputs")
    DigestRecord(stamp: stamp.description, digest: digest).keep(in: folder.inputRecord(stamp, in: inputs))
  }
}
