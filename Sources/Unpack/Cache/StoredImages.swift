import Bytes
import Glibc
import Storage
import SystemPackage

/// A decoded image in the cache.
struct StoredImage {
  let file: IdentifiedFile
  /// The image's own digest.
  let digest: SHA256Digest
  /// What the file came in.
  let container: Container

  /// The image of the file `name` with the digest `input`.
  func image(of input: SHA256Digest, name: String, wasCached: Bool) throws(UnpackError) -> UnpackedImage {
    let source = try performing { () throws(IOError) in
      try WindowSource(file.source, range: 0..<file.source.size, name: name)
    }
    return UnpackedImage(
      source: source, container: container, inputDigest: input, imageDigest: digest, wasCached: wasCached, file: file)
  }
}

extension ImageCache {
  /// The decoded image of a file with `digest`; nil if it is not there, or was changed since it was written.
  func stored(_ digest: SHA256Digest) throws(UnpackError) -> StoredImage? {
    try performing { () throws(IOError) in try storedImage(digest) }
  }

  /// The same where `IOError` is what may be thrown. As long as the image is open, it is not evicted.
  func storedImage(_ digest: SHA256Digest) throws(IOError) -> StoredImage? {
    guard let images = try folder.images() else { return nil }
    let file: IdentifiedFile
    do throws(IOError) {
      file = try IdentifiedFile(images.file(folder.imageName(digest)), isOwn: true)
    } catch {
      if error.cause == .system(.noSuchFileOrDirectory) { return nil }
      throw error
    }
    guard let stamp = file.stamp, let record = DigestRecord(folder.imageRecord(digest, in: images)) else { return nil }
    // Where this fails the file is being evicted: it stays readable all the same.
    _ = AdvisoryLock.take(file.source.descriptor, LOCK_SH)
    let stored = StoredImage(file: file, digest: record.digest, container: Container(record: record.container))
    if record.stamp == stamp.description { return stored }
    // It was moved or restored, or somebody has written to it: only its bytes tell.
    guard try sha256(of: file) == record.digest else {
      folder.warn("\(file.path): is not what was decoded, and was removed")
      try images.removeFile(folder.imageRecordName(digest))
      try images.removeFile(folder.imageName(digest))
      return nil
    }
    keepRecord(of: stored, digest, in: images)
    return stored
  }

  /// Records what `stored`, the image of a file with the digest `input`, is. Its stamp must be of now.
  func keepRecord(of stored: StoredImage, _ input: SHA256Digest, in images: HeldFolder) {
    guard let stamp = stored.file.stamp else { return }
    let record = DigestRecord(
      stamp: stamp.description, digest: stored.digest, container: stored.container.record)
    record.keep(in: folder.imageRecord(input, in: images))
  }

  private func sha256(of file: IdentifiedFile) throws(IOError) -> SHA256Digest {
    var sink = DigestSink()
    try sink.write(.source(file.source, offset: 0, count: file.source.size))
    return sink.finish()
  }

  /// Removes the images that were used least recently, until the rest are within the capacity. The folder must be locked.
  ///
  /// The image of `digest` and those that are in use anywhere stay.
  func evict(keeping digest: SHA256Digest, from images: HeldFolder) throws(IOError) {
    var found: [(used: FileStamp.Time, digest: SHA256Digest, size: Int)] = []
    for bytes in try images.names() {
      let name = String(decoding: bytes, as: UTF8.self)
      guard name.hasSuffix(".img"), let digest = SHA256Digest(hex: name.dropLast(4)) else { continue }
      guard let size = try status(of: name, in: images)?.size else { continue }
      // An image without a record is of no use to anyone.
      let record = try status(of: folder.imageRecordName(digest), in: images)
      found.append((record?.used ?? FileStamp.Time(seconds: 0, nanoseconds: 0), digest, size))
    }
    var total = found.reduce(0) { $0 + $1.size }
    let capacity: Int = if let capacity { capacity } else { try shareOfVolume(images) }
    found.sort { ($0.used, $0.digest.description) < ($1.used, $1.digest.description) }
    for image in found where total > capacity && image.digest != digest {
      let name = folder.imageName(image.digest)
      guard let file = try? images.file(name) else { continue }
      // The lock is held as long as the file is open.
      defer { withExtendedLifetime(file) {} }
      guard AdvisoryLock.take(file.descriptor) == .taken else { continue }
      try images.removeFile(name)
      try images.removeFile(folder.imageRecordName(image.digest))
      total -= image.size
    }
  }

  private func shareOfVolume(_ images: HeldFolder) throws(IOError) -> Int {
    min(20 << 30, try Volume(images.descriptor, path: images.path).size / 5)
  }

  /// What the file `name` takes on the disk, in bytes, and when it was last written; nil if it is not there.
  private func status(of name: String, in images: HeldFolder) throws(IOError) -> (size: Int, used: FileStamp.Time)? {
    guard let status = try images.status(name) else { return nil }
    let used = FileStamp.Time(seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec)
    return (Int(status.st_blocks) * 512, used)
  }
}
