import Bytes
import Storage

/// What a stock image is wrapped in, told by its content and never by its name.
package enum Container: Hashable, Sendable, CustomStringConvertible {
  /// Not wrapped: the disk itself.
  case raw
  /// An .xz file of this many blocks; more than one can be decoded side by side.
  case xz(blocks: Int)
  /// One or more gzip members.
  case gzip
  /// One or more bzip2 streams.
  case bzip2
  /// Zstandard frames.
  case zstd
  /// LZ4 frames.
  case lz4
  /// A zip archive with one image, of this name.
  case zip(entry: String)

  package var description: String {
    switch self {
    case .raw: "raw"
    case .xz(let blocks): "xz, \(blocks) \(blocks == 1 ? "block" : "blocks")"
    case .gzip: "gzip"
    case .bzip2: "bzip2"
    case .zstd: "zstd"
    case .lz4: "lz4"
    case .zip(let entry): "zip, \(entry)"
    }
  }
}

/// A format's mark in the first bytes of a file.
enum Signature: String, CaseIterable {
  case xz, gzip, bzip2, zstd, lz4, zip
  /// Known by name only, so that they are refused by name and not as broken disks.
  case tar, sevenZip = "7z", rar, qcow2, vhdx

  /// How many bytes at the start of a file tell its format.
  static let length = 512

  /// The format whose mark `bytes` bear; nil for a raw disk, which bears none.
  init?(of bytes: Span<UInt8>) {
    guard let found = Self.allCases.first(where: { $0.marks(bytes) }) else { return nil }
    self = found
  }

  private func marks(_ bytes: Span<UInt8>) -> Bool {
    switch self {
    case .xz: bytes.has([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00])  // The .xz File Format, 2.1.1.1
    case .gzip: bytes.has([0x1F, 0x8B, 0x08])  // RFC 1952, 2.3.1
    case .bzip2:
      // The level, then the mark of a block or of an empty stream's end.
      bytes.has("BZh") && (bytes.has([0x31, 0x41, 0x59, 0x26], at: 4) || bytes.has([0x17, 0x72, 0x45, 0x38], at: 4))
    case .zstd: bytes.has([0x28, 0xB5, 0x2F, 0xFD])  // RFC 8878, 3.1.1
    case .lz4: bytes.has([0x04, 0x22, 0x4D, 0x18])  // LZ4 Frame Format
    case .zip: bytes.has("PK\u{3}\u{4}") || bytes.has("PK\u{5}\u{6}")  // APPNOTE.TXT 4.3.7 and 4.3.16
    case .tar: bytes.has("ustar", at: 257)
    case .sevenZip: bytes.has([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C])
    case .rar: bytes.has("Rar!\u{1A}\u{7}")
    case .qcow2: bytes.has([0x51, 0x46, 0x49, 0xFB])
    case .vhdx: bytes.has("vhdxfile")
    }
  }
}

extension Span<UInt8> {
  fileprivate func has(_ mark: [UInt8], at offset: Int = 0) -> Bool {
    count >= offset + mark.count && mark.indices.allSatisfy { self[offset + $0] == mark[$0] }
  }

  fileprivate func has(_ mark: String, at offset: Int = 0) -> Bool { has(Array(mark.utf8), at: offset) }
}
