import Bytes
import Storage

/// What the first bytes of a file say that it is.
enum Signature: Equatable {
  case compression(Compression)
  case archive(ArchiveFormat)
  case sparseImage
  /// Known by name only, so that it is refused by name and not as a broken disk.
  case foreign(String)

  static let selfExtracting = Signature.foreign("self-extracting program")

  /// How many bytes at the start of a file tell its format.
  static let length = 512

  /// The format whose mark `bytes` bear; nil for a raw disk, which bears none.
  init?(of bytes: Span<UInt8>) {
    guard let mark = Self.marks.first(where: { bytes.has($0.bytes, at: $0.offset) && $0.also(bytes) }) else {
      return nil
    }
    self = mark.format
  }

  /// The format of what `source` begins with; nil for a raw disk.
  init?(of source: any ByteSource) throws(UnpackError) {
    let start = try performing { () throws(IOError) in try source.read(at: 0, count: min(Self.length, source.size)) }
    self.init(of: start.span)
  }

  var name: String {
    switch self {
    case .compression(let compression): compression.rawValue
    case .archive(let format): format.rawValue
    case .sparseImage: "an Android sparse image"
    case .foreign(let name): name
    }
  }

  private struct Mark {
    let format: Signature
    let bytes: [UInt8]
    var offset = 0
    var also: @Sendable (Span<UInt8>) -> Bool = { _ in true }
  }

  private static let marks: [Mark] = [
    Mark(format: .compression(.xz), bytes: [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]),  // The .xz File Format, 2.1.1.1
    Mark(format: .compression(.gzip), bytes: [0x1F, 0x8B, 0x08]),  // RFC 1952, 2.3.1
    Mark(
      format: .compression(.bzip2), bytes: Array("BZh".utf8),
      // The level, then the mark of a block or of an empty stream's end.
      also: { $0.has([0x31, 0x41, 0x59, 0x26], at: 4) || $0.has([0x17, 0x72, 0x45, 0x38], at: 4) }),
    Mark(format: .compression(.zstd), bytes: [0x28, 0xB5, 0x2F, 0xFD]),  // RFC 8878, 3.1.1
    // A skippable frame of 4 bytes that tells the size of the frame after it: so pzstd begins its files.
    Mark(
      format: .compression(.zstd), bytes: [0x50, 0x2A, 0x4D, 0x18, 4, 0, 0, 0],
      also: { $0.has([0x28, 0xB5, 0x2F, 0xFD], at: 12) }),
    Mark(format: .compression(.lz4), bytes: [0x04, 0x22, 0x4D, 0x18]),  // LZ4 Frame Format
    Mark(format: .archive(.zip), bytes: Array("PK\u{3}\u{4}".utf8)),  // APPNOTE.TXT 4.3.7
    Mark(format: .archive(.zip), bytes: Array("PK\u{5}\u{6}".utf8)),  // 4.3.16: an archive without files
    Mark(format: .archive(.zip), bytes: Array("PK00PK\u{3}\u{4}".utf8)),  // 8.5.4: in parts, of which one was enough
    Mark(format: .foreign("zip in several parts"), bytes: Array("PK\u{7}\u{8}PK".utf8)),  // 8.5.3
    Mark(format: .archive(.tar), bytes: Array("ustar".utf8), offset: 257),
    Mark(format: .sparseImage, bytes: [0x3A, 0xFF, 0x26, 0xED]),  // AOSP libsparse, sparse_format.h
    Mark(format: .foreign("7z"), bytes: [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C]),
    Mark(format: .foreign("rar"), bytes: Array("Rar!\u{1A}\u{7}".utf8)),
    Mark(format: .foreign("lzip"), bytes: Array("LZIP\u{1}".utf8)),
    Mark(format: .foreign("qcow2"), bytes: [0x51, 0x46, 0x49, 0xFB]),
    Mark(format: .foreign("vhdx"), bytes: Array("vhdxfile".utf8)),
    Mark(format: .foreign("vmdk"), bytes: Array("KDMV".utf8)),
    // The boot code of a disk may begin with anything, and ends with its own mark.
    Mark(
      format: .selfExtracting, bytes: Array("MZ".utf8), also: { !$0.has([0x55, 0xAA], at: 510) }),
    // Archives of before POSIX have no mark, but a checksum over their first header.
    Mark(format: .archive(.tar), bytes: [], also: { $0.isTarHeader }),
  ]
}

extension Span<UInt8> {
  /// Whether the first 512 bytes are a member's header whose checksum is right (tar(5)).
  fileprivate var isTarHeader: Bool {
    guard count >= 512, self[0] != 0 else { return false }
    var sum = 0
    for index in 0..<512 { sum += (148..<156).contains(index) ? 0x20 : Int(self[index]) }
    var stored = 0
    var digits = 0
    for index in 148..<156 {
      let byte = self[index]
      if (0x30...0x37).contains(byte) {
        stored = stored * 8 + Int(byte - 0x30)
        digits += 1
      } else if byte != 0x20 && byte != 0 {
        return false
      }
    }
    return digits > 0 && stored == sum
  }

  fileprivate func has(_ mark: [UInt8], at offset: Int) -> Bool {
    count >= offset + mark.count && mark.indices.allSatisfy { self[offset + $0] == mark[$0] }
  }
}
