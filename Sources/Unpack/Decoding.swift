import Bytes
import Storage
import SystemPackage

extension ImageCache {
  /// Decodes a file into the cache and opens what came out.
  func decode(_ reading: Reading, _ unwrapping: Unwrapping, _ expected: Expected) throws(UnpackError) -> UnpackedImage {
    let input = reading.input()
    let temporary = try performing { () throws(IOError) in
      try folder.create()
      return try folder.locked { () throws(IOError) in try folder.makeTemporaryImage() }
    }
    let image = try write(unwrapping, of: input, to: temporary)
    let digest = try input.digest()
    try reading.checkUnchanged()
    try expected.check(input: digest, image: image)
    let container = Container(unwrapping.layers)
    try performing { () throws(IOError) in
      // Outside the lock: this waits for the disk, and others need not.
      try temporary.sync()
      try folder.locked { () throws(IOError) in
        try publish(temporary, digest: digest, image: image, container)
        try remember(digest, of: reading)
        try evict(keeping: digest)
      }
    }
    guard let stored = try stored(digest) else { throw .changed(path: folder.image(digest).description) }
    return try stored.image(of: digest, name: reading.file.name, wasCached: false)
  }

  /// The largest image that a file of `size` bytes may hold.
  ///
  /// No disk that somebody made is both large and as good as empty: what claims that would keep us busy for hours.
  func limit(forFileOf size: Int) -> Int {
    min(limit, max(32 << 30, size.multipliedReportingOverflow(by: 1000).partialValue))
  }

  /// Writes the image in `input` into the empty file `temporary`.
  ///
  /// - Returns: the digest of the decoded image.
  private func write(
    _ unwrapping: Unwrapping, of input: Input, to temporary: TemporaryFile
  ) throws(UnpackError) -> SHA256Digest {
    let writer = try performing { () throws(IOError) in
      try ImageWriter(temporary.descriptor, path: temporary.path)
    }
    let result: (digest: SHA256Digest, size: Int)
    if let index = unwrapping.index, index.blockCount > 1, index.largestBlock <= BlockwiseDecoding.blockLimit {
      result = (try BlockwiseDecoding(input, index, to: writer).run(), index.size)
    } else {
      result = try StreamedDecoding(to: writer)
        .run(unwrapping.decoder(input), limit: limit(forFileOf: input.size), of: input)
    }
    try performing { () throws(IOError) in try writer.finish(size: result.size) }
    return result.digest
  }

  /// Gives a decoded image its name, unless another run was faster: then that one stays. The folder must be locked.
  private func publish(
    _ temporary: TemporaryFile, digest: SHA256Digest, image: SHA256Digest, _ container: Container
  ) throws(IOError) {
    if try storedImage(digest) != nil { return }
    guard let stamp = try FileStamp(temporary.descriptor, path: temporary.path) else { return }
    try temporary.publish(as: folder.image(digest))
    try DigestRecord(stamp: stamp.ofImage, digest: image, container: container.description)
      .write(to: folder.imageRecord(digest))
  }
}
