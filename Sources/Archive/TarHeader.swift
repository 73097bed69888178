import Bytes
import FileTree

/// One header block of a tar archive (POSIX.1-2017, pax, "ustar Interchange Format"; GNU tar manual, "Basic Tar Format").
struct TarHeader {
  static let size = 512

  let name: [UInt8]
  let mode: UInt16
  let uid: Int
  let gid: Int
  let dataSize: Int
  let modified: Int
  let type: Type
  let linkName: [UInt8]
  let devMajor: Int
  let devMinor: Int
  /// The whole block, for what only some types have.
  let bytes: [UInt8]

  /// What a header stands for, by its `typeflag`.
  enum `Type`: Equatable {
    case file, hardLink, symlink, characterDevice, blockDevice, directory, fifo
    /// GNU's sparse file, with its map in the header (S).
    case oldSparse
    /// GNU's long name or long link name for the next header (L, K).
    case longName, longLink
    /// pax records for the next header, or for all that follow (x, g).
    case extended, globalExtended
    /// A volume's label: nothing to extract.
    case label
    case unknown(UInt8)
  }

  /// Why a block is no header.
  enum Problem: Error {
    case checksum
    case field(String)
  }

  /// Parses a block of 512 bytes.
  init(parsing block: [UInt8], verifiesChecksum: Bool) throws(Problem) {
    let bytes = block.span
    if verifiesChecksum {
      guard TarHeader.hasRightChecksum(bytes) else { throw .checksum }
    }
    self.bytes = block
    var name = TarHeader.text(bytes.extracting(0..<100))
    // GNU's magic is "ustar  " and has other things where POSIX has the prefix.
    if TarHeader.has(bytes, [0x75, 0x73, 0x74, 0x61, 0x72, 0x00], at: 257) {
      let prefix = TarHeader.text(bytes.extracting(345..<500))
      if !prefix.isEmpty { name = prefix + [0x2F] + name }
    }
    self.name = name
    mode = UInt16(truncatingIfNeeded: try TarHeader.number(bytes, 100..<108, "mode")) & 0o7777
    uid = try TarHeader.number(bytes, 108..<116, "uid")
    gid = try TarHeader.number(bytes, 116..<124, "gid")
    dataSize = try TarHeader.number(bytes, 124..<136, "size")
    modified = try TarHeader.number(bytes, 136..<148, "mtime")
    linkName = TarHeader.text(bytes.extracting(157..<257))
    type = Type(flag: bytes[156], name: name)
    let isDevice = type == .characterDevice || type == .blockDevice
    devMajor = isDevice ? try TarHeader.number(bytes, 329..<337, "devmajor") : 0
    devMinor = isDevice ? try TarHeader.number(bytes, 337..<345, "devminor") : 0
  }

  /// Whether the sum of all bytes, the sum's own field as blanks, is what the field says; old tars added signed bytes.
  static func hasRightChecksum(_ bytes: Span<UInt8>) -> Bool {
    guard let stored = try? number(bytes, 148..<156, "chksum") else { return false }
    var unsigned = 0
    var signed = 0
    for index in bytes.indices {
      let byte = (148..<156).contains(index) ? 0x20 : bytes[index]
      unsigned += Int(byte)
      signed += Int(Int8(bitPattern: byte))
    }
    return stored == unsigned || stored == signed
  }

  /// The number in a field: octal digits, or after a set first bit the number itself, big-endian (GNU, star).
  static func number(_ bytes: Span<UInt8>, _ range: Range<Int>, _ field: String) throws(Problem) -> Int {
    let text = bytes.extracting(range).array
    if text[0] & 0x80 != 0 {
      // Two's complement in all bits but the first.
      let isNegative = text[0] & 0x40 != 0
      var value: Int = isNegative ? -1 : 0
      for (index, byte) in text.enumerated() {
        let part = index == 0 ? (isNegative ? byte | 0x80 : byte & 0x7F) : byte
        let (shifted, overflow) = value.multipliedReportingOverflow(by: 256)
        guard !overflow else { throw .field(field) }
        value = shifted | Int(part)
      }
      return value
    }
    let digits = text.drop { $0 == 0x20 || $0 == 0 }.prefix { (0x30...0x37).contains($0) }
    let rest = text.drop { $0 == 0x20 || $0 == 0 }.dropFirst(digits.count)
    guard rest.first.map({ $0 == 0x20 || $0 == 0 }) ?? true else { throw .field(field) }
    // Twelve octal digits at most: 36 bits.
    return digits.reduce(0) { $0 << 3 | Int($1 - 0x30) }
  }

  /// A field's text, to its first NUL.
  static func text(_ field: Span<UInt8>) -> [UInt8] { Array(field.array.prefix { $0 != 0 }) }

  private static func has(_ bytes: Span<UInt8>, _ mark: [UInt8], at offset: Int) -> Bool {
    mark.indices.allSatisfy { bytes[offset + $0] == mark[$0] }
  }
}

extension TarHeader.`Type` {
  fileprivate init(flag: UInt8, name: [UInt8]) {
    switch flag {
    // Before POSIX a folder was a file with a slash at its name's end.
    case 0, UInt8(ascii: "0"), UInt8(ascii: "7"): self = name.last == 0x2F ? .directory : .file
    case UInt8(ascii: "1"): self = .hardLink
    case UInt8(ascii: "2"): self = .symlink
    case UInt8(ascii: "3"): self = .characterDevice
    case UInt8(ascii: "4"): self = .blockDevice
    // D is GNU's folder of an incremental archive.
    case UInt8(ascii: "5"), UInt8(ascii: "D"): self = .directory
    case UInt8(ascii: "6"): self = .fifo
    case UInt8(ascii: "S"): self = .oldSparse
    case UInt8(ascii: "L"): self = .longName
    case UInt8(ascii: "K"): self = .longLink
    // X is Solaris' spelling.
    case UInt8(ascii: "x"), UInt8(ascii: "X"): self = .extended
    case UInt8(ascii: "g"): self = .globalExtended
    case UInt8(ascii: "V"): self = .label
    default: self = .unknown(flag)
    }
  }
}
