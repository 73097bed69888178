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
}

/// How much of a disk will be read.
package enum Access: Sendable {
  /// All of it, or who knows.
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
