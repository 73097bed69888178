import Bytes

/// A source whose bytes a digest stands for already: what lies in it need not be read to be known.
package struct KnownSource: Sendable {
  package let source: any ByteSource
  /// A digest that tells the source's bytes from any others.
  package let digest: SHA256Digest

  package init(_ source: any ByteSource, digest: SHA256Digest) {
    self.source = source
    self.digest = digest
  }
}
