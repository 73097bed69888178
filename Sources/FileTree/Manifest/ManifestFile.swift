import Bytes
import Storage

/// A manifest that was written down: read line by line, however long it is.
package struct ManifestFile {
  private let source: any ByteSource
  private var position = 0
  private var buffer: [UInt8] = []
  private var start = 0
  private var line = 0
  private var last: [UInt8] = []

  private static let chunkSize = 1 << 20
  /// An extended attribute has 64 KiB at most, and a file a handful of them.
  private static let longestLine = 16 << 20

  /// The manifest in `source`.
  package init(_ source: any ByteSource) { self.source = source }

  /// Whether `source` begins as manifests do.
  package static func isManifest(_ source: any ByteSource) throws(IOError) -> Bool {
    let mark = Array("{\"path\":".utf8)
    guard source.size >= mark.count else { return false }
    return try source.read(at: 0, count: mark.count) == mark
  }

  /// The next record; nil after the last.
  ///
  /// - Throws: `ManifestError` where a line is not one of a manifest, or not in order; `IOError`.
  package mutating func next() throws -> ManifestRecord? {
    guard let text = try nextLine() else { return nil }
    line += 1
    guard let record = ManifestRecord(line: text) else { throw ManifestError.badLine(source.name, line) }
    // Two manifests are compared side by side, which needs them sorted.
    guard line == 1 || last.lexicographicallyPrecedes(record.path) else {
      throw ManifestError.unsorted(source.name, line)
    }
    last = record.path
    return record
  }

  private mutating func nextLine() throws -> ArraySlice<UInt8>? {
    var searched = start
    while true {
      if let end = buffer[searched...].firstIndex(of: 0x0A) {
        defer { start = end + 1 }
        return buffer[start..<end]
      }
      searched = buffer.count - start
      buffer.removeSubrange(..<start)
      start = 0
      let count = min(Self.chunkSize, source.size - position)
      guard count > 0 else {
        if buffer.isEmpty { return nil }
        start = buffer.count
        return buffer[...]
      }
      guard buffer.count < Self.longestLine else { throw ManifestError.badLine(source.name, line + 1) }
      buffer += try source.read(at: position, count: count)
      position += count
    }
  }
}

/// A manifest that is not one.
package enum ManifestError: Failure {
  /// The line of that number is not one of a manifest.
  case badLine(String, Int)
  /// The line of that number does not come after the one before it.
  case unsorted(String, Int)

  package var kind: FailureKind { .corrupt }

  package var description: String {
    switch self {
    case .badLine(let file, let line): "\(file):\(line): not a line of a manifest"
    case .unsorted(let file, let line): "\(file):\(line): out of order: manifests are sorted by the bytes of paths"
    }
  }
}

extension ManifestRecord {
  /// The record that `line` spells; nil if it is not a line of a manifest.
  init?(line: some Collection<UInt8>) {
    var parser = JSONLine(line)
    guard let keys = parser.keys() else { return nil }
    self.init(path: [], type: "")
    for (name, value) in keys { guard set(name, value) else { return nil } }
    if path.first != 0x2F || type.isEmpty { return nil }
  }

  private mutating func set(_ name: String, _ value: JSONLine.Value) -> Bool {
    switch (name, value) {
    case ("path", .text(let text)): return assign(&path, text.unescaped)
    case ("type", .text(let text)): type = String(decoding: text, as: UTF8.self)
    case ("mode", .text(let text)): return assign(&mode, UInt16(String(decoding: text, as: UTF8.self), radix: 8))
    case ("uid", .number(let number)): return assign(&uid, UInt32(exactly: number))
    case ("gid", .number(let number)): return assign(&gid, UInt32(exactly: number))
    case ("size", .number(let number)): size = number
    case ("mtime", .text(let text)): return assign(&modified, Timestamp(decimal: text))
    case ("nlink", .number(let number)): return assign(&linkCount, UInt32(exactly: number))
    case ("attr", .text(let text)): attributes = String(decoding: text, as: UTF8.self)
    case ("rdev", .text(let text)): return assign(&device, DeviceNumber(text: text))
    case ("target", .text(let text)): return assign(&target, text.unescaped)
    case ("same", .text(let text)): return assign(&same, text.unescaped)
    case ("sha256", .text(let text)):
      return assign(&digest, SHA256Digest(hex: String(decoding: text, as: UTF8.self)))
    case ("xattrs", .object(let pairs)):
      for pair in pairs {
        guard let name = pair.name.unescaped, let value = [UInt8].decoding(base64: pair.value) else { return false }
        xattrs.append(ExtendedAttribute(name: name, value: value))
      }
    default: return false
    }
    return true
  }

  private func assign<Value>(_ place: inout Value, _ value: Value?) -> Bool {
    guard let value else { return false }
    place = value
    return true
  }

  private func assign<Value>(_ place: inout Value?, _ value: Value?) -> Bool {
    place = value
    return value != nil
  }
}

extension Timestamp {
  /// The time that `decimal` writes; nil if `text` is not of that form.
  init?(decimal text: [UInt8]) {
    let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 2, parts[1].count == 9, let seconds = Int64(String(decoding: parts[0], as: UTF8.self)),
      let nanoseconds = UInt32(String(decoding: parts[1], as: UTF8.self))
    else { return nil }
    self.init(seconds: seconds, nanoseconds: nanoseconds)
  }
}

extension DeviceNumber {
  /// The device `MAJOR:MINOR`; nil if `text` is not of that form.
  init?(text: [UInt8]) {
    let parts = text.split(separator: UInt8(ascii: ":")).map { UInt32(String(decoding: $0, as: UTF8.self)) }
    guard parts.count == 2, let major = parts[0], let minor = parts[1] else { return nil }
    self.init(major: major, minor: minor)
  }
}

extension Collection<UInt8> {
  /// The bytes that `escaped` has written as this; nil if a percent sign is not followed by two hexadecimal digits.
  package var unescaped: [UInt8]? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count)
    var rest = self[...]
    while let byte = rest.popFirst() {
      guard byte == 0x25 else {
        bytes.append(byte)
        continue
      }
      guard let value = [UInt8](hex: String(decoding: rest.prefix(2), as: UTF8.self)), value.count == 1 else {
        return nil
      }
      bytes.append(value[0])
      rest = rest.dropFirst(2)
    }
    return bytes
  }
}
