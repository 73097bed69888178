import Bytes
import Storage
import SystemPackage

extension ImageCache {
  /// Decodes a file into the cache and opens what came out.
  func decode(_ reading: Reading, _ unpacking: Unpacking, _ expected: Expected) throws(UnpackError) -> UnpackedImage {
    let temporary = try performing { () throws(IOError) in
      try folder.create()
      return try folder.locked { () throws(IOError) in try folder.makeTemporaryImage() }
    }
    let writer = try performing { () throws(IOError) in
      try ImageWriter(temporary.descriptor, path: temporary.path)
    }
    let decoded = try unpacking.decode(to: writer)
    try performing { () throws(IOError) in try writer.finish(size: decoded.size) }
    let digest = decoded.inputDigest
    try reading.checkUnchanged()
    try expected.check(input: digest, image: decoded.imageDigest)
    try performing { () throws(IOError) in
      // Outside the lock: this waits for the disk, and others need not.
      try temporary.sync()
      try folder.locked { () throws(IOError) in
        try publish(temporary, decoded)
        try remember(digest, of: reading)
        try evict(keeping: digest)
      }
    }
    guard let stored = try stored(digest) else { throw .changed(path: folder.image(digest).description) }
    return try stored.image(of: digest, name: reading.file.name, wasCached: false)
  }

  /// Gives a decoded image its name, unless another run was faster: then that one stays. The folder must be locked.
  private func publish(_ temporary: TemporaryFile, _ decoded: Unpacking.Decoded) throws(IOError) {
    let digest = decoded.inputDigest
    if try storedImage(digest) != nil { return }
    guard let stamp = try FileStamp(temporary.descriptor, path: temporary.path) else { return }
    try temporary.publish(as: folder.image(digest))
    try DigestRecord(stamp: stamp.ofImage, digest: decoded.imageDigest, container: decoded.container.record)
      .write(to: folder.imageRecord(digest))
  }
}
