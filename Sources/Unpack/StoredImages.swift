import Bytes
import Glibc
import Storage
import SystemPackage

/// A decoded image in the cache.
struct StoredImage {
  let file: FileSource
  /// The image's own digest.
  let digest: SHA256Digest
  /// What the file came in.
  let container: Container

  /// The image of the file `name` with the digest `input`.
  func image(of input: SHA256Digest, name: String, wasCached: Bool) throws(UnpackError) -> UnpackedImage {
    let source = try performing { () throws(IOError) in try WindowSource(file, range: 0..<file.size, name: name) }
    return UnpackedImage(
      source: source, container: container, inputDigest: input, imageDigest: digest, wasCached: wasCached)
  }
}

extension ImageCache {
  /// The decoded image of a file with `digest`; nil if it is not there, or was changed since it was written.
  func stored(_ digest: SHA256Digest) throws(UnpackError) -> StoredImage? {
    try performing { () throws(IOError) in try storedImage(digest) }
  }

  /// The same where `IOError` is what may be thrown. As long as the image is open, it is not evicted.
  func storedImage(_ digest: SHA256Digest) throws(IOError) -> StoredImage? {
    let path = folder.image(digest)
    let file: FileSource
    do {
      file = try FileSource(path)
    } catch {
      if error.cause == .system(.noSuchFileOrDirectory) { return nil }
      throw error
    }
    guard let stamp = try FileStamp(file.descriptor, path: path),
      let record = try DigestRecord(at: folder.imageRecord(digest), of: stamp.ofImage)
    else { return nil }
    // Where this fails the file is being evicted: it stays readable all the same.
    _ = flock(file.descriptor.rawValue, LOCK_SH | LOCK_NB)
    // Tells when the image was used last. Who may not write here does not evict here.
    _ = unsafe folder.imageRecord(digest).withPlatformString { unsafe utimensat(AT_FDCWD, $0, nil, 0) }
    return StoredImage(file: file, digest: record.digest, container: Container(record: record.container))
  }

  /// Removes the images that were used least recently, until the rest are within the capacity. The folder must be locked.
  ///
  /// The image of `digest` and those that are in use anywhere stay.
  func evict(keeping digest: SHA256Digest) throws(IOError) {
    var images: [(used: FileStamp.Time, digest: SHA256Digest, size: Int)] = []
    for name in try names(in: folder.images) where name.hasSuffix(".img") {
      guard let digest = SHA256Digest(hex: name.dropLast(4)) else { continue }
      guard let size = try status(of: folder.image(digest))?.size else { continue }
      // An image without a record is of no use to anyone.
      let used = try status(of: folder.imageRecord(digest))?.used ?? FileStamp.Time(seconds: 0, nanoseconds: 0)
      images.append((used, digest, size))
    }
    var total = images.reduce(0) { $0 + $1.size }
    let capacity: Int = if let capacity { capacity } else { try shareOfVolume() }
    images.sort { ($0.used, $0.digest.description) < ($1.used, $1.digest.description) }
    for image in images where total > capacity && image.digest != digest {
      guard try TemporaryFile.removeLeftover(folder.image(image.digest)) else { continue }
      try removing(folder.imageRecord(image.digest))
      total -= image.size
    }
  }

  private func shareOfVolume() throws(IOError) -> Int {
    let descriptor = try opening(folder.images, .readOnly, [.directory, .closeOnExec])
    defer { try? descriptor.close() }
    return min(20 << 30, try Volume(descriptor, path: folder.images).size / 5)
  }

  /// What the file `path` takes on the disk, in bytes, and when it was written; nil if it is not there.
  private func status(of path: FilePath) throws(IOError) -> (size: Int, used: FileStamp.Time)? {
    var status = stat()
    guard unsafe lstat(path.string, &status) == 0 else {
      if errno == ENOENT { return nil }
      throw IOError(path, "stat", Errno(rawValue: errno))
    }
    return (
      Int(status.st_blocks) * 512,
      FileStamp.Time(seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec)
    )
  }
}
