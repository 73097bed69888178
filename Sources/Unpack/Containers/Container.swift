import Bytes

/// What a stock image is wrapped in, told by its content and never by its name: "xz, 113 blocks", "zip, disk.img.xz, xz".
package struct Container: Hashable, Sendable, CustomStringConvertible {
  /// The layers from the outermost on, as a person reads them.
  package let description: String
  /// What is odd about it and was read past; nil if nothing is.
  package let warning: String?

  /// Not wrapped: the disk itself.
  package static let raw = Container(description: "raw")

  init(description: String, warning: String? = nil) {
    self.description = description
    self.warning = warning
  }

  init(_ layers: [Layer], trailing: TrailingBytes?) {
    self.init(
      description: layers.isEmpty ? "raw" : layers.map(\.description).joined(separator: ", "),
      warning: trailing?.description)
  }

  /// The container that `record` is the text of.
  init(record: String) {
    let parts = record.split(separator: "\t", maxSplits: 1).map(String.init)
    self.init(description: parts.first ?? "", warning: parts.count > 1 ? parts[1] : nil)
  }

  /// Both texts in one line, as the cache keeps them: names in a description have no tabulators.
  var record: String { warning.map { "\(description)\t\($0)" } ?? description }

  /// This container, with an image in Android's sparse format in it.
  var withSparseImage: Container {
    Container(description: self == .raw ? "Android sparse" : "\(self), Android sparse", warning: warning)
  }
}

/// One wrapping: what is taken off by one decoder.
enum Layer: CustomStringConvertible {
  /// A stream of bytes, compressed; with the number of blocks where that is known.
  case compression(Compression, blocks: Int? = nil)
  /// An archive, of which one member is meant.
  case archive(ArchiveMember)

  var description: String {
    switch self {
    case .compression(let compression, let blocks):
      compression.rawValue + (blocks.map { ", \($0) \($0 == 1 ? "block" : "blocks")" } ?? "")
    case .archive(let member): "\(member.format.rawValue), \(member.name.printable)"
    }
  }

  var isArchive: Bool { if case .archive = self { true } else { false } }
}

/// A format of one compressed stream.
enum Compression: String, CaseIterable {
  case xz, gzip, bzip2, zstd, lz4

  /// How names of files in this format end.
  var suffix: String {
    switch self {
    case .xz: ".xz"
    case .gzip: ".gz"
    case .bzip2: ".bz2"
    case .zstd: ".zst"
    case .lz4: ".lz4"
    }
  }

  /// A decoder of `stream`; for a glance, one that does no more than is asked of it.
  func decoder(_ stream: any ChunkStream, isGlance: Bool) throws(UnpackError) -> any Decoder {
    switch self {
    case .xz: try XZDecoder(stream, isSingle: isGlance)
    case .gzip: try GzipDecoder(stream)
    case .zstd: try ZstdDecoder(stream)
    case .bzip2, .lz4: try ArchiveReader(stream, self)
    }
  }
}
