import Bytes
import Glibc
import Storage
import SystemPackage

extension ImageCache {
  /// Decodes a file into the cache and opens what came out.
  func decode(_ reading: Reading, _ unpacking: Unpacking, _ expected: Expected) throws(UnpackError) -> UnpackedImage {
    let images = try performing { () throws(IOError) in
      let images = try folder.directory.making("images")
      try Leftovers.remove(from: images)
      return images
    }
    var image = try performing { () throws(IOError) in try Publication(file: "image", in: images) }
    let file = image.descriptor
    let writer = try performing { () throws(IOError) in try ImageWriter(file, path: images.path) }
    let decoded = try unpacking.decode(to: writer)
    try performing { () throws(IOError) in try writer.finish(size: decoded.size) }
    let digest = decoded.inputDigest
    try reading.checkUnchanged()
    try expected.check(input: digest, image: decoded.imageDigest)
    // Outside the lock: this waits for the disk, and others need not. A name must not outlive a power cut that its content does
    // not.
    try performing { () throws(IOError) in try image.sync() }
    let stored = try performing { () throws(IOError) in
      try folder.locked { () throws(IOError) in
        let stored = try publish(&image, decoded, in: images)
        try remember(digest, of: reading)
        try evict(keeping: digest, from: images)
        return stored
      }
    }
    return try stored.image(of: digest, name: reading.file.path.description, wasCached: false)
  }

  /// Gives a decoded image its name, unless another run was faster: then that one stays. The folder must be locked.
  private func publish(
    _ image: inout Publication, _ decoded: Unpacking.Decoded, in images: HeldFolder
  ) throws(IOError) -> StoredImage {
    let digest = decoded.inputDigest
    if let stored = try storedImage(digest) { return stored }
    // A record of an image that was there before says nothing of this one.
    try images.removeFile(folder.imageRecordName(digest))
    let name = folder.imageName(digest)
    try image.publish(as: name, mode: nil, replacing: .ownFile, isDurable: false)
    // Others may now use it as well, but nobody may evict it.
    _ = AdvisoryLock.take(image.descriptor, LOCK_SH)
    let path = images.path.appending(name)
    let file = try IdentifiedFile(FileSource(opened: duplicate(image.descriptor, path), path: path), isOwn: true)
    let stored = StoredImage(file: file, digest: decoded.imageDigest, container: decoded.container)
    keepRecord(of: stored, digest, in: images)
    return stored
  }
}

/// One more descriptor of an open file, which keeps its lock.
private func duplicate(_ descriptor: FileDescriptor, _ path: FilePath) throws(IOError) -> FileDescriptor {
  do {
    return try descriptor.duplicate()
  } catch {
    throw IOError(path, "open", error as? Errno ?? .ioError)
  }
}
