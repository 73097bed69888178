import Bytes
import Storage

/// A stock image as the raw disk that it is.
package struct UnpackedImage: Sendable {
  /// The bytes of the disk, under the name of the file that was asked for.
  package let source: any ByteSource
  /// What the file wraps the disk in.
  package let container: Container
  /// The SHA-256 of the file; nil if it is raw or read in place, the digest was not required, and it is not known from before.
  package let inputDigest: SHA256Digest?
  /// The SHA-256 of the image in the file, which is the disk or stands for it in Android's sparse format; nil where
  /// `inputDigest` is.
  package let imageDigest: SHA256Digest?
  /// Whether the disk was decoded before: then no more of the file than its container's directory was read.
  package let wasCached: Bool
  /// The file that the disk is read from; nil if it is none that was opened by its path.
  private let file: IdentifiedFile?

  /// What is odd about the file and was read past, for the operator.
  package var warnings: [String] { container.warning.map { [$0] } ?? [] }

  init(
    source: any ByteSource, container: Container, inputDigest: SHA256Digest?, imageDigest: SHA256Digest? = nil,
    wasCached: Bool = false, file: IdentifiedFile? = nil
  ) {
    self.source = source
    self.container = container
    self.inputDigest = inputDigest
    self.imageDigest = imageDigest
    self.wasCached = wasCached
    self.file = file
  }

  /// The raw disk that `file` is, whose SHA-256 is `digest` where that is known.
  init(raw file: IdentifiedFile, digest: SHA256Digest?) {
    self.init(source: file.source, container: .raw, inputDigest: digest, imageDigest: digest, file: file)
  }

  /// Throws if the file that the disk is read from is no longer what it was when it was opened. Asked before anything that was
  /// made of the disk is published or kept.
  ///
  /// - Throws: `IOError` with the cause `.changed`.
  package func checkUnchanged() throws(IOError) { try file?.checkUnchanged() }

  /// Whether `checkUnchanged` finds any change: only then may what was learned of the bytes be kept for later builds.
  package var showsChanges: Bool { file?.showsChanges ?? false }

  /// This image, which is read from `file`.
  func read(from file: IdentifiedFile) -> UnpackedImage {
    UnpackedImage(
      source: source, container: container, inputDigest: inputDigest, imageDigest: imageDigest, wasCached: wasCached,
      file: file)
  }

  /// This image, or the disk of at most `limit` bytes that it stands for if it is in Android's sparse format.
  func expanded(limit: Int) throws(UnpackError) -> UnpackedImage {
    guard try Signature(of: source) == .sparseImage else { return self }
    return UnpackedImage(
      source: try SparseImageSource(source, limit: limit), container: container.withSparseImage,
      inputDigest: inputDigest, imageDigest: imageDigest, wasCached: wasCached, file: file)
  }
}

/// How much of a disk will be read.
package enum Access: Sendable {
  /// All of it, or an unknown part.
  case whole
  /// Some of it, as one looks up a file.
  case scattered
}

/// Whether the digest of a raw disk is worth reading all of it.
package enum DigestDemand: Sendable {
  /// It is told in any case.
  case required
  /// It is told where it costs nothing: the file was read before, or must be for another reason.
  case ifKnown
}
