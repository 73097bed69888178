import Bytes
import Storage
import SystemPackage

extension Container {
  /// What the file of `input` is wrapped in.
  ///
  /// - Throws: `UnpackError`, also if its index or directory shows already that it is damaged or holds no single image.
  init(of input: Input) throws(UnpackError) {
    let start = try performing { () throws(IOError) in
      try input.source.read(at: 0, count: min(Signature.length, input.size))
    }
    switch Signature(of: start.span) {
    case nil: self = .raw
    case .xz: self = .xz(blocks: try countXZBlocks(input))
    case .gzip: self = .gzip
    case .bzip2: self = .bzip2
    case .zstd: self = .zstd
    case .lz4: self = .lz4
    case .zip: self = .zip(entry: try ZipImage(in: input).name)
    case .some(let other): throw input.unsupported("\(other.rawValue) as a container")
    }
  }

  /// Makes a decoder of the image in an input; nil for a raw disk, which needs none.
  var decoder: ((Input) throws(UnpackError) -> any Decoder)? {
    switch self {
    case .raw: nil
    case .xz: { (input) throws(UnpackError) in try XZDecoder(input) }
    case .gzip: { (input) throws(UnpackError) in try GzipDecoder(input) }
    case .bzip2: { (input) throws(UnpackError) in try ArchiveReader(input, .bzip2) }
    case .zstd: { (input) throws(UnpackError) in try ArchiveReader(input, .zstd) }
    case .lz4: { (input) throws(UnpackError) in try ArchiveReader(input, .lz4) }
    case .zip: { (input) throws(UnpackError) in try ZipImage(in: input).decoder(input) }
    }
  }
}

extension ImageCache {
  /// Decodes a file into the cache and opens what came out.
  func decode(
    _ reading: Reading, _ container: Container, with decoder: (Input) throws(UnpackError) -> any Decoder,
    _ expected: Expected
  ) throws(UnpackError) -> UnpackedImage {
    let input = reading.input()
    let temporary = try performing { () throws(IOError) in
      try folder.create()
      return try folder.locked { () throws(IOError) in try folder.makeTemporaryImage() }
    }
    let image = try write(try decoder(input), of: input, in: container, to: temporary)
    let digest = try input.digest()
    try reading.checkUnchanged()
    try expected.check(input: digest, image: image)
    try performing { () throws(IOError) in
      // Outside the lock: this waits for the disk, and others need not.
      try temporary.sync()
      try folder.locked { () throws(IOError) in try publish(temporary, digest: digest, image: image) }
      try folder.locked { () throws(IOError) in try remember(digest, of: reading) }
    }
    guard let (source, _) = try cached(digest, name: reading.file.name) else {
      throw .changed(path: folder.image(digest).description)
    }
    return UnpackedImage(
      source: source, container: container, inputDigest: digest, imageDigest: image, wasCached: false)
  }

  /// Writes all that `decoder` makes of `input` into the empty file `temporary`.
  ///
  /// - Returns: the digest of the decoded image.
  private func write(
    _ decoder: any Decoder, of input: Input, in container: Container, to temporary: TemporaryFile
  ) throws(UnpackError) -> SHA256Digest {
    var image = SparseImage(temporary.descriptor, path: temporary.path)
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      try input.checkCancelled()
      var output = buffer.mutableSpan
      let count = try decoder.read(into: &output)
      if image.size == 0, let nested = Signature(of: buffer.span.extracting(0..<count)) {
        throw input.unsupported("\(nested.rawValue) inside \(container)")
      }
      guard count <= limit - image.size else { throw input.unsupported("a disk of more than \(limit) bytes") }
      try performing { () throws(IOError) in try image.append(buffer.span.extracting(0..<count)) }
      if count < buffer.count { break }
    }
    do {
      return try image.finish()
    } catch {
      throw .io(error)
    }
  }

  /// Gives a decoded image its name, unless another run was faster: then that one stays. The folder must be locked.
  private func publish(_ temporary: TemporaryFile, digest: SHA256Digest, image: SHA256Digest) throws(IOError) {
    if try storedImage(digest) != nil { return }
    guard let stamp = try FileStamp(temporary.descriptor, path: temporary.path) else { return }
    try temporary.publish(as: folder.image(digest))
    try DigestRecord(stamp: stamp.ofImage, digest: image).write(to: folder.imageRecord(digest))
  }
}
